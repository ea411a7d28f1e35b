// Blocks of bytes go to a worker, and come back compressed. Nothing in here needs reflection: the program can be trimmed, or compiled ahead of time.
using System.IO.Compression;
using QueueIpc;

WorkerProcess.RunIfWorker();          // in the worker, Main ends here

using var blocks = IpcQueue.Create<byte[]>(null, RawBytesSerializer.Instance);
using var compressed = IpcQueue.Create<byte[]>(null, RawBytesSerializer.Instance);
using var worker = WorkerProcess.Start(Compress, blocks, compressed, "from the worker");

byte[][] originals = ["to be or not to be, that is the question"u8.ToArray(), new byte[1_000_000], []];
blocks.PutMany(originals);
blocks.Complete();

foreach (var original in originals)
{
    using var whole = new MemoryStream();
    using var stream = new BrotliStream(new MemoryStream(compressed.Get()), CompressionMode.Decompress);
    stream.CopyTo(whole);
    Console.WriteLine($"{original.Length} bytes went there and back: {(whole.ToArray().AsSpan().SequenceEqual(original) ? "equal" : "not equal")}");
}

worker.WaitForExit();

using var pool = WorkerPool.Start<string, int>(Letters, new WorkerPoolOptions { Workers = 2 });
Console.WriteLine($"the pool counts {await pool.RunAsync("to be or not to be")} letters");
return worker.ExitCode;

static int Letters(string text) => text.Count(char.IsLetter);

static void Compress(IpcQueue<byte[]> blocks, IpcQueue<byte[]> compressed, string greeting)
{
    Console.WriteLine($"hello {greeting}");
    foreach (var block in blocks.GetConsumingEnumerable())
    {
        var smaller = new MemoryStream();
        using (var stream = new BrotliStream(smaller, CompressionLevel.Fastest))
        {
            stream.Write(block);
        }

        compressed.Put(smaller.ToArray());
    }
}
