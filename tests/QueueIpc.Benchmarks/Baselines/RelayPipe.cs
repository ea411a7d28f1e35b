using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipes;

namespace QueueIpc.Benchmarks;

/// <summary>
/// The ceiling: the same items, each written behind its length by the producer and made a byte array of by the consumer, in frames of 64 KiB which a process in
/// the middle only passes on. Nothing is confirmed, ordered or kept.
/// </summary>
internal static class RelayPipe
{
    private const int ItemBytes = 64;
    private const int PackedBytes = sizeof(int) + ItemBytes;
    private const int ChunkBytes = 64 * 1024;
    private const int ItemsPerChunk = ChunkBytes / PackedBytes;

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
        return double.IsNaN(seconds) ? throw new InvalidDataException("the relay lost bytes") : (chunks - WarmUp(chunks)) * (double)ItemsPerChunk / seconds;
    }

    /// <summary>So many chunks are not timed.</summary>
    private static int WarmUp(int chunks) => chunks / 5;

    private static void Produce(string name, int chunks)
    {
        using var pipe = Connect(name);
        var chunk = new byte[ItemsPerChunk * PackedBytes];
        var item = new byte[ItemBytes];
        for (var i = 0; i < chunks; i++)
        {
            for (var at = 0; at < chunk.Length; at += PackedBytes)
            {
                BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(at), item.Length);
                item.CopyTo(chunk, at + sizeof(int));
            }

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
        var chunk = new byte[ItemsPerChunk * PackedBytes];
        var (begun, bytes) = (0L, 0L);
        for (var i = 0; i < chunks; i++)
        {
            pipe.ReadExactly(chunk);
            if (i == WarmUp(chunks) - 1)
            {
                begun = Stopwatch.GetTimestamp();
            }

            for (var at = 0; at < chunk.Length; at += PackedBytes)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(chunk.AsSpan(at));
                bytes += chunk.AsSpan(at + sizeof(int), length).ToArray().Length;
            }
        }

        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        result.Put(bytes == (long)chunks * ItemsPerChunk * ItemBytes ? seconds : double.NaN);
    }

    private static NamedPipeServerStream Serve(string name) => new(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.None);

    private static NamedPipeClientStream Connect(string name)
    {
        var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut);
        pipe.Connect();
        return pipe;
    }
}
