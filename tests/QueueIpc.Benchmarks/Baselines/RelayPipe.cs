using System.Diagnostics;
using System.IO.Pipes;

namespace QueueIpc.Benchmarks;

/// <summary>The ceiling: the same bytes through a process in the middle that only passes them on, 64 KiB at a time. Nothing is confirmed, ordered or kept.</summary>
internal static class RelayPipe
{
    private const int ItemBytes = 64;
    private const int ChunkBytes = 64 * 1024;
    private const int ItemsPerChunk = ChunkBytes / (ItemBytes + sizeof(int));

    /// <summary>Items of 64 bytes a second.</summary>
    public static double ItemsPerSecond(int count)
    {
        var (from, to) = ($"queueipc-bench-{Guid.NewGuid():N}", $"queueipc-bench-{Guid.NewGuid():N}");
        var chunks = count / ItemsPerChunk;
        using var result = IpcQueue.Create<double>();
        using var relay = WorkerProcess.Start(Relay, from, to);
        using var consumer = WorkerProcess.Start(Consume, to, chunks, result);
        using var producer = WorkerProcess.Start(Produce, from, chunks);
        var seconds = result.Get();
        producer.WaitForExit();
        consumer.WaitForExit();
        relay.WaitForExit();
        return chunks * (double)ItemsPerChunk / seconds;
    }

    private static void Produce(string name, int chunks)
    {
        using var pipe = Connect(name);
        var chunk = new byte[ChunkBytes];
        for (var i = 0; i < chunks; i++)
        {
            pipe.Write(chunk);
        }
    }

    private static void Relay(string from, string to)
    {
        using var source = Serve(from);
        using var target = Serve(to);
        source.WaitForConnection();
        target.WaitForConnection();
        var chunk = new byte[ChunkBytes];
        while (source.Read(chunk) is > 0 and var bytes)
        {
            target.Write(chunk.AsSpan(0, bytes));
        }
    }

    private static void Consume(string name, int chunks, IpcQueue<double> result)
    {
        using var pipe = Connect(name);
        var chunk = new byte[ChunkBytes];
        pipe.ReadExactly(chunk);
        var begun = Stopwatch.GetTimestamp();
        for (var i = 1; i < chunks; i++)
        {
            pipe.ReadExactly(chunk);
        }

        result.Put(Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    private static NamedPipeServerStream Serve(string name) => new(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.None);

    private static NamedPipeClientStream Connect(string name)
    {
        var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut);
        pipe.Connect();
        return pipe;
    }
}
