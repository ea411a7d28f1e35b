// Hands files out to worker processes, each of which leases a task, hashes the file, and acks.
// One worker is killed in the middle of a task: another does the task again, and nothing is lost.
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using QueueIpc;

const int WorkerCount = 4;

var folder = args is [var given, ..] ? given : SourceFolder();
if (!Directory.Exists(folder))
{
    Console.Error.WriteLine($"There is no folder '{folder}'. Give one whose files shall be hashed.");
    return 2;
}

var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(IsSource).ToArray();
using var tasks = IpcQueue.Create<HashTask>();
using var results = IpcQueue.Create<HashResult>();
using var neverFilled = IpcQueue.Create<bool>();

// The unlucky worker sends its first result, and never comes to the ack.
using var unlucky = WorkerProcess.Start(HashOneAndHang, tasks, results, neverFilled);
UntilInLine(1);
var workers = Enumerable.Range(0, WorkerCount).Select(_ => WorkerProcess.Start(Hash, tasks, results)).ToArray();
UntilInLine(WorkerCount + 1);
Console.WriteLine($"{files.Length} files in {folder}, {WorkerCount + 1} workers");
tasks.PutMany(files.Select((path, id) => new HashTask(id, path)));
tasks.Complete();
var hashes = new Dictionary<int, HashResult>();
var repeated = 0;
while (hashes.Count < files.Length)
{
    Take(results.Get());
}

// The last task may still be out: when it is done again, its result is there before its ack.
unlucky.Kill();
tasks.Join();
foreach (var result in results.GetMany(WorkerCount, TimeSpan.Zero))
{
    Take(result);
}

Say("all done");
foreach (var worker in workers)
{
    worker.WaitForExit();
    worker.Dispose();
}

foreach (var group in hashes.Values.GroupBy(result => result.ProcessId))
{
    Console.WriteLine($"worker {group.Key} did {group.Count()} tasks");
}

Console.WriteLine($"{hashes.Count} of {files.Length} hashes, {repeated} repeated and recognised by its task id");
return 0;

void UntilInLine(int count)
{
    // Whoever waits for a task is served in order of arrival: everybody gets something to do, the unlucky one first.
    while (tasks.GetInfo().WaitingGets < count)
    {
        Thread.Yield();
    }
}

void Take(HashResult result)
{
    if (!hashes.TryAdd(result.TaskId, result))
    {
        repeated++;
        Say($"task {result.TaskId} was done again by worker {result.ProcessId}");
        return;
    }

    ShowProgress();
    if (result.ProcessId == unlucky.Id)
    {
        unlucky.Kill();
        Say($"killed worker {unlucky.Id} in the middle of task {result.TaskId}");
    }
}

void ShowProgress()
{
    // One line that changes on a terminal; where the output goes to a file, one line for every quarter.
    if (!Console.IsOutputRedirected)
    {
        Console.Write($"\r{hashes.Count}/{files.Length}");
    }
    else if (hashes.Count % Math.Max(1, files.Length / 4) == 0)
    {
        Console.WriteLine($"{hashes.Count}/{files.Length}");
    }
}

void Say(string text)
{
    // Over the progress line, if there is one.
    Console.WriteLine(Console.IsOutputRedirected ? text : $"\r{text}");
}

static async Task Hash(IpcQueue<HashTask> tasks, IpcQueue<HashResult> results)
{
    await foreach (var lease in tasks.LeaseAllAsync())
    {
        results.Put(Do(lease.Item));
        lease.Ack();
    }
}

static void HashOneAndHang(IpcQueue<HashTask> tasks, IpcQueue<HashResult> results, IpcQueue<bool> neverFilled)
{
    using var lease = tasks.Lease();
    results.Put(Do(lease.Item));
    neverFilled.Get();
}

static HashResult Do(HashTask task)
{
    using var file = File.OpenRead(task.Path);
    return new HashResult(task.Id, Convert.ToHexString(SHA256.HashData(file)), Environment.ProcessId);
}

static bool IsSource(string path) => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}") && !path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}");

static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

internal sealed record HashTask(int Id, string Path);

internal sealed record HashResult(int TaskId, string Hash, int ProcessId);
