using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Support;
using QueueIpc.Transport;

namespace QueueIpc.Tests.Transport;

/// <summary>A link to a broker that welcomes everybody and says nothing else. Who sends can be held inside of the system until he may go on.</summary>
internal sealed class HeldLink : IPushLink, IDisposable
{
    private readonly FrameReader _reader = new(int.MaxValue);
    private readonly List<string> _done = [];

    /// <summary>Whether the broker takes what is sent, or lets it wait for ever.</summary>
    public bool HasRoom { get; init; } = true;

    /// <summary>The frame whose sending is held.</summary>
    public Op? Held { get; init; }

    public ManualResetEventSlim IsInWrite { get; } = new();

    public ManualResetEventSlim MayGoOn { get; } = new();

    /// <summary>What was sent and, at last, the end.</summary>
    public string[] Done
    {
        get
        {
            lock (_done)
            {
                return [.. _done];
            }
        }
    }

    public bool Pushes => true;

    public Action<ReadOnlySpan<byte>>? Received { get; set; }

    public Action? Ended { get; set; }

    public int Read(Span<byte> buffer, int timeoutMs = Timeout.Infinite) => throw new NotSupportedException();

    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!HasRoom)
        {
            return 0;
        }

        foreach (var frame in WireFrame.Feed(_reader, bytes))
        {
            if (frame.Op == Held)
            {
                IsInWrite.Set();
                Assert.True(MayGoOn.Wait(Times.Long));
            }

            lock (_done)
            {
                _done.Add($"{frame.Op}");
            }

            if (frame.Op == Op.Hello)
            {
                Received?.Invoke(WireFrame.Make(Op.Welcome, 0, frame.Request, 0, EveryFrame.Welcome).ToBytes());
            }
        }

        return bytes.Length;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        IsInWrite.Set();
        MayGoOn.Wait(Times.Long);
        throw new IOException("The pipe was closed.");
    }

    public void Abort()
    {
        lock (_done)
        {
            _done.Add("end");
        }

        if (!HasRoom)
        {
            MayGoOn.Set();
        }
    }

    public void Close()
    {
    }

    public void Dispose()
    {
        MayGoOn.Set();
        IsInWrite.Dispose();
    }
}
