// Several processes log through one bounded queue; a collector writes a file for each, in order.
// The collector starts late on purpose: the queue fills up, and the loggers wait instead of losing lines or filling the memory.
using System.Diagnostics;
using LogCollector;
using Microsoft.Extensions.Logging;
using QueueIpc;

const int ProcessCount = 3;
const int LinesEach = 200;

using var lines = IpcQueue.Create<LogLine>(new QueueOptions { Capacity = 50 });
using var waiting = IpcQueue.Create<string>();
using var reports = IpcQueue.Create<string>();
var workers = Enumerable.Range(1, ProcessCount).Select(n => WorkerProcess.Start(Work, $"worker-{n}", lines, waiting, reports)).ToArray();
for (var i = 0; i < ProcessCount; i++)
{
    Console.WriteLine($"{waiting.Get()} has to wait: the queue is full");
}

Console.WriteLine($"{lines.Count} lines of {lines.Capacity} are in the queue; now the collector starts");
var folder = Directory.CreateTempSubdirectory("log-collector-").FullName;
var collector = CollectAsync(lines, folder);
foreach (var worker in workers)
{
    await worker.WaitForExitAsync();
    worker.Dispose();
}

lines.Complete();
await collector;
foreach (var report in reports.GetMany(ProcessCount, TimeSpan.Zero).Order())
{
    Console.WriteLine(report);
}

foreach (var file in Directory.GetFiles(folder).Order())
{
    var content = File.ReadAllLines(file);
    var inOrder = content.SequenceEqual(Enumerable.Range(1, LinesEach).Select(n => $"Information Sample: line {n}"));
    Console.WriteLine($"{Path.GetFileName(file)}: {content.Length} lines, {(inOrder ? "all of them in order" : "NOT what was logged")}");
}

Directory.Delete(folder, recursive: true);

static void Work(string source, IpcQueue<LogLine> lines, IpcQueue<string> waiting, IpcQueue<string> reports)
{
    var told = false;
    using var provider = new QueueLoggerProvider(lines, source, TellOnce);
    using var factory = LoggerFactory.Create(logging => logging.AddProvider(provider));
    var logger = factory.CreateLogger("Sample");
    var watch = Stopwatch.StartNew();
    for (var n = 1; n <= LinesEach; n++)
    {
        logger.LogInformation("line {Number}", n);
    }

    reports.Put($"{source} has logged {LinesEach} lines in {watch.ElapsedMilliseconds} ms, and waited {provider.Waited.TotalMilliseconds:0} ms of them");

    void TellOnce()
    {
        if (!told)
        {
            told = true;
            waiting.Put(source);
        }
    }
}

static async Task CollectAsync(IpcQueue<LogLine> lines, string folder)
{
    var files = new Dictionary<string, StreamWriter>();
    await foreach (var line in lines.ReadAllAsync())
    {
        if (!files.TryGetValue(line.Source, out var file))
        {
            files[line.Source] = file = File.CreateText(Path.Combine(folder, $"{line.Source}.log"));
        }

        await file.WriteLineAsync($"{line.Level} {line.Category}: {line.Text}");
    }

    foreach (var file in files.Values)
    {
        await file.DisposeAsync();
    }
}
