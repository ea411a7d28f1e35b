// Worker processes hash the files of a folder. A worker that dies is replaced, and its file goes to another.
using System.Security.Cryptography;
using QueueIpc;

var folder = args is [var given, ..] ? given : Path.Combine(AppContext.BaseDirectory, "sources");
using var pool = WorkerPool.Start<string, string>(Hash, new WorkerPoolOptions { Workers = 4, MaxFailures = 3 });
await foreach (var done in pool.MapAsync(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)))
{
    Console.WriteLine($"{Path.GetFileName(done.Job)}: {(done.Failure is null ? done.Result : $"no hash. {done.Failure.Message}")}");
}

Console.WriteLine($"hashes: {pool.Progress.Done}, without: {pool.Progress.Failed}");

static string Hash(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
