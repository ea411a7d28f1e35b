using System.Xml.Linq;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>
/// A test project as the SDK's template makes it: its tests run in a host that is not their program, and workers, pools and brokers start all the same. xunit's is tried here, and those that
/// QUEUEIPC_TEMPLATES names where it is set ("xunit,nunit,mstest").
/// </summary>
public sealed class StockTestProjectTests
{
    private const string Tests = """
        using System;
        using System.Linq;
        using System.Threading.Tasks;
        using QueueIpc;

        {class}
        public class Tests
        {
            static void Work(IpcQueue<string> queue) => queue.Put("hello");

            static int Square(int number) => number * number;

            {test}
            public void AWorker()
            {
                using var queue = IpcQueue.Create<string>();
                using var worker = WorkerProcess.Start(Work, queue);
                Same("hello", queue.Get(TimeSpan.FromSeconds(30)));
                Same(true, worker.WaitForExit(TimeSpan.FromSeconds(30)));
                Same(0, worker.ExitCode);
            }

            {test}
            public async Task APool()
            {
                using var pool = WorkerPool.Start<int, int>(Square, new WorkerPoolOptions { Workers = 2 });
                var sum = 0;
                await foreach (var done in pool.MapAsync(Enumerable.Range(1, 100)))
                {
                    sum += done.Result;
                }

                Same(338350, sum);
            }

            {test}
            public void ABrokerProcess() => QueueBroker.StartProcess().Dispose();

            static void Same<T>(T expected, T actual)
            {
                if (!Equals(expected, actual)) throw new Exception($"{expected} is expected, and it is {actual}");
            }
        }
        """;

    public static TheoryData<string> Templates => [.. (Environment.GetEnvironmentVariable("QUEUEIPC_TEMPLATES") ?? "xunit").Split(',')];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Start_InTheProjectOfATemplate_WorkersPoolsAndBrokersStart(string template)
    {
        var (ofClass, ofTest) = template switch
        {
            "xunit" => (string.Empty, "[Fact]"),
            "nunit" => (string.Empty, "[Test]"),
            _ => ("[TestClass]", "[TestMethod]"),
        };
        var directory = Directory.CreateTempSubdirectory();
        OutsideProject.RunIn(directory.FullName, "new", template, "-n", "Stock", "-o", ".", "--no-restore");
        var path = Path.Combine(directory.FullName, "Stock.csproj");
        var project = XDocument.Load(path);
        project.Descendants("PackageReference").Where(package => package.Attribute("Include")?.Value == "coverlet.collector").Remove();
        project.Root!.Add(XElement.Parse($"<ItemGroup>{OutsideProject.LibraryItems}</ItemGroup>"));
        project.Save(path);
        Array.ForEach(Directory.GetFiles(directory.FullName, "*Test1.cs"), File.Delete);
        File.WriteAllText(Path.Combine(directory.FullName, "Tests.cs"), Tests.Replace("{class}", ofClass, StringComparison.Ordinal).Replace("{test}", ofTest, StringComparison.Ordinal));

        var printed = OutsideProject.RunIn(directory.FullName, "test", "-p:RunAnalyzers=false", "--nologo", "--disable-build-servers");

        Assert.Contains("Passed:     3", printed, StringComparison.Ordinal);
        directory.Delete(recursive: true);
    }
}
