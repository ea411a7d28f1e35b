// Workers lease tasks, hash a file for each, and send the results. The worker that gets the first task hangs between its result and its ack,
// and is killed: the task comes back, another worker does it again, and nothing is lost.
using System.Security.Cryptography;
using QueueIpc;
using TaskDistribution;

const int TrapId = 0;

var folder = args is [var given, ..] ? given : Path.Combine(AppContext.BaseDirectory, "sources");
var workerCount = 4;
if (args.Length > 2 || (args.Length == 2 && (!int.TryParse(args[1], out workerCount) || workerCount is < 2 or > 64)))
{
    return Refuse("Usage: TaskDistribution [folder [workers]]. There are 2 to 64 workers, 4 by default; one of them will be killed.");
}

if (!Directory.Exists(folder))
{
    return Refuse($"There is no folder '{folder}'. Give one whose files shall be hashed.");
}

var files = Directory.GetFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint });
if (files.Length == 0)
{
    return Refuse($"There are no files in '{folder}' that could be hashed.");
}

using var ready = IpcQueue.Create<int>();
using var tasks = IpcQueue.Create<HashTask>();
using var results = IpcQueue.Create<HashResult>();
var workers = Enumerable.Range(0, workerCount).Select(_ => WorkerProcess.Start(Work, ready, tasks, results)).ToArray();

// Else the first worker to be up has done it all before the others are there.
foreach (var _ in workers)
{
    ready.Get();
}

Console.WriteLine($"{files.Length} files, {workerCount} workers");
tasks.PutMany(files.Select((path, id) => new HashTask(id, path)));
tasks.Complete();
var resultsEnd = CompleteAfterAsync(tasks, results);

var hashes = new Dictionary<int, HashResult>();
var summary = new List<string>();
var progress = new Progress(files.Length);
foreach (var result in results.GetConsumingEnumerable())
{
    if (!hashes.TryAdd(result.TaskId, result))
    {
        progress.Say($"task {result.TaskId} is done again, by worker {result.WorkerId}");
        summary.Add($"redone: task {result.TaskId}, its second result recognised by the task id");
        continue;
    }

    progress.Show(hashes.Count);
    if (result.TaskId == TrapId)
    {
        var trapped = workers.Single(worker => worker.Id == result.WorkerId);
        trapped.Kill();
        progress.Say($"worker {trapped.Id} hangs in task {result.TaskId} and is killed");
        summary.Add($"killed: worker {trapped.Id}, while it held the lease of task {result.TaskId}");
    }
}

progress.End();
await resultsEnd;
foreach (var worker in workers)
{
    worker.WaitForExit();
    Console.WriteLine($"worker {worker.Id}: {hashes.Values.Count(result => result.WorkerId == worker.Id)} hashed, exit code {worker.ExitCode}");
    worker.Dispose();
}

summary.ForEach(Console.WriteLine);
var failures = hashes.Values.Where(result => result.Hash is null).ToArray();
foreach (var failure in failures)
{
    Console.Error.WriteLine($"no hash of {files[failure.TaskId]}: {failure.Error}");
}

Console.WriteLine($"hashes: {hashes.Count - failures.Length} of {files.Length}");
return failures.Length == 0 ? 0 : 1;

static int Refuse(string why)
{
    Console.Error.WriteLine(why);
    return 2;
}

static async Task CompleteAfterAsync(IpcQueue<HashTask> tasks, IpcQueue<HashResult> results)
{
    // A worker acks after it has put its result: when all tasks are acked, all results are there.
    await tasks.JoinAsync();
    results.Complete();
}

static async Task Work(IpcQueue<int> ready, IpcQueue<HashTask> tasks, IpcQueue<HashResult> results)
{
    ready.Put(Environment.ProcessId);
    await foreach (var lease in tasks.LeaseAllAsync())
    {
        results.Put(Hash(lease.Item));
        if (lease.Item.Id == TrapId && lease.Failures == 0)
        {
            // What nobody sends any more: this worker hangs. Its lease goes on, as long as it lives.
            ready.Get();
        }

        lease.Ack();
    }
}

static HashResult Hash(HashTask task)
{
    try
    {
        using var file = File.OpenRead(task.Path);
        return new HashResult(task.Id, Environment.ProcessId, Convert.ToHexString(SHA256.HashData(file)), null);
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        return new HashResult(task.Id, Environment.ProcessId, null, e.Message);
    }
}

internal sealed record HashTask(int Id, string Path);

internal sealed record HashResult(int TaskId, int WorkerId, string? Hash, string? Error);
