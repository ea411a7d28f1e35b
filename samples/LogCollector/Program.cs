// Several processes log through one bounded queue; a collector writes a file for each, in order.
// The collector starts late on purpose: the queue fills up, and the loggers wait instead of losing lines or filling the memory.
using System.Diagnostics;
using LogCollector;
using Microsoft.Extensions.Logging;
using QueueIpc;

const int ProcessCount = 3;
const int LinesEach = 200;
const int Capacity = 50;

var folder = Directory.CreateTempSubdirectory("log-collector-").FullName;
using var lines = IpcQueue.Create<LogLine>(new QueueOptions { Capacity = Capacity });
using var waited = IpcQueue.Create<string>();
var workers = Enumerable.Range(1, ProcessCount).Select(n => WorkerProcess.Start(Work, lines, waited, n)).ToArray();

QueueInfo info;
do
{
    info = lines.GetInfo();
}
while (info.WaitingPuts < ProcessCount);
Console.WriteLine($"the queue is full: {info.Ready} lines of {info.Capacity}, and {info.WaitingPuts} processes wait to log more");

var collector = Task.Run(() => Collect(lines, folder));
foreach (var worker in workers)
{
    worker.WaitForExit();
    worker.Dispose();
}

lines.Complete();
await collector;
foreach (var line in waited.GetMany(ProcessCount, TimeSpan.Zero).Order())
{
    Console.WriteLine(line);
}

foreach (var file in Directory.GetFiles(folder).Order())
{
    var content = File.ReadAllLines(file);
    var inOrder = content.Select((line, i) => line.EndsWith($"line {i}", StringComparison.Ordinal)).All(yes => yes);
    Console.WriteLine($"{Path.GetFileName(file)}: {content.Length} lines, {(inOrder ? "in order" : "OUT OF ORDER")}");
}

Directory.Delete(folder, recursive: true);

static void Work(IpcQueue<LogLine> lines, IpcQueue<string> waited, int number)
{
    using var provider = new QueueLoggerProvider(lines, $"worker-{number}");
    var logger = provider.CreateLogger("Sample");
    var watch = Stopwatch.StartNew();
    for (var i = 0; i < LinesEach; i++)
    {
        logger.LogInformation("line {Number}", i);
    }

    waited.Put($"worker-{number} logged {LinesEach} lines, the queue held it up for {provider.Waited.TotalMilliseconds:0} of {watch.ElapsedMilliseconds} ms");
}

static async Task Collect(IpcQueue<LogLine> lines, string folder)
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
