using System.Xml.Linq;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A test project as the SDK's template makes it: its tests run in a host that is not their program, and workers start all the same.</summary>
public sealed class StockTestProjectTests
{
    private const string Tests = """
        using QueueIpc;
        using Xunit;

        public class Tests
        {
            static void Work(IpcQueue<string> queue) => queue.Put("hello");

            [Fact]
            public void AWorker()
            {
                using var queue = IpcQueue.Create<string>();
                using var worker = WorkerProcess.Start(Work, queue);
                Assert.Equal("hello", queue.Get(System.TimeSpan.FromSeconds(30)));
                Assert.True(worker.WaitForExit(System.TimeSpan.FromSeconds(30)));
                Assert.Equal(0, worker.ExitCode);
            }

            [Fact]
            public void ABrokerProcess() => QueueBroker.StartProcess().Dispose();
        }
        """;

    [Fact]
    public void Start_InTheProjectOfTheXunitTemplate_WorkersAndBrokersStart()
    {
        var directory = Directory.CreateTempSubdirectory();
        OutsideProject.RunIn(directory.FullName, "new", "xunit", "-n", "Stock", "-o", ".", "--no-restore");
        var path = Path.Combine(directory.FullName, "Stock.csproj");
        var project = XDocument.Load(path);
        project.Descendants("PackageReference").Where(package => package.Attribute("Include")?.Value == "coverlet.collector").Remove();
        project.Root!.Add(XElement.Parse($"<ItemGroup>{OutsideProject.LibraryItems}</ItemGroup>"));
        project.Save(path);
        File.WriteAllText(Path.Combine(directory.FullName, "UnitTest1.cs"), Tests);

        var printed = OutsideProject.RunIn(directory.FullName, "test", "--nologo", "--disable-build-servers");

        Assert.Contains("Passed:     2", printed, StringComparison.Ordinal);
        directory.Delete(recursive: true);
    }
}
