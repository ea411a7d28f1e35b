using QueueIpc;

// Files whose words are to be counted, by two workers in Python and one in Node. One of them is killed in the middle of its work.
if (args.Length > 1 || (args.Length == 1 && !Directory.Exists(args[0])))
{
    Console.Error.WriteLine("Usage: PythonWorker [folder]. The words of its text files are counted; without one, those of this sample's own texts.");
    return 2;
}

var folder = args.Length == 1 ? args[0] : Path.Combine(AppContext.BaseDirectory, "texts");
var files = Directory.GetFiles(folder, "*.txt").Order().ToList();
if (Programs.Python is not { } python)
{
    Console.Error.WriteLine("This sample needs Python 3.10 or later with msgpack: on Debian and Ubuntu, apt-get install python3-msgpack.");
    return 2;
}

using var jobs = IpcQueue.Create<string>();
using var progress = IpcQueue.Create<Progress>();

// The first is alone until it has a file in hand, and stays in it: so it is this one that is killed.
using var unlucky = WorkerProcess.Start(Programs.InPython(python, hangs: true), jobs, progress);
jobs.PutMany(files);
jobs.Complete();
var taken = progress.Get();
unlucky.Kill();
Console.WriteLine($"the worker in {taken.Language} is killed in the middle of {Path.GetFileName(taken.File)}");

List<WorkerProcess> workers = [WorkerProcess.Start(Programs.InPython(python, hangs: false), jobs, progress)];
if (Programs.Node is { } node)
{
    workers.Add(WorkerProcess.Start(Programs.InNode(node), jobs, progress));
}

var words = new Dictionary<string, int>();
while (words.Count < files.Count)
{
    var told = progress.Get(TimeSpan.FromSeconds(30));
    if (told.Words is { } count)
    {
        words[told.File] = count;
    }
    else if (told.File == taken.File)
    {
        Console.WriteLine($"{Path.GetFileName(told.File)} is done again");
    }
}

jobs.Join();
foreach (var worker in workers)
{
    worker.WaitForExit();
    Console.WriteLine(worker.Failure is { } failure ? $"a worker failed: {failure.Message}" : $"a worker has ended, exit code {worker.ExitCode}");
    worker.Dispose();
}

Console.WriteLine($"{words.Values.Sum()} words in {words.Count} of {files.Count} files: nothing is lost");
return 0;
