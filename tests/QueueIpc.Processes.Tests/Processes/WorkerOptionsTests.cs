using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

public sealed class WorkerOptionsTests
{
    public sealed record Surroundings(string Directory, string? Added, string? Removed, ProcessPriorityClass Priority, int InputBytes);

    public sealed record Five(int One, string Two, double Three, IpcQueue<int> Four, int[] Six);

    [Fact]
    public void Start_DirectoryEnvironmentAndPriority_AreTheWorkers()
    {
        using var removed = new EnvironmentVariable("QUEUEIPC_TEST_REMOVED", "here");
        using var told = IpcQueue.Create<Surroundings>();
        var directory = Directory.CreateTempSubdirectory("queueipc-test-");
        using var worker = WorkerProcess.Start(Tell, told, new WorkerOptions
        {
            WorkingDirectory = directory.FullName,
            Environment = { ["QUEUEIPC_TEST_ADDED"] = "yes", ["QUEUEIPC_TEST_REMOVED"] = null },
            Priority = ProcessPriorityClass.BelowNormal,
        });

        var surroundings = told.Get(Times.Long);
        Assert.True(worker.WaitForExit(Times.Long));
        directory.Delete();

        Assert.Equal((directory.FullName, "yes", null, 0), (surroundings.Directory, surroundings.Added, surroundings.Removed, surroundings.InputBytes));
        Assert.Equal(ProcessPriorityClass.BelowNormal, surroundings.Priority);
    }

    [Fact]
    public void Start_OutputAndErrors_AreToldLineByLine()
    {
        var (output, errors) = (new List<string>(), new List<string>());
        using var worker = WorkerProcess.Start(Speak, 3, new WorkerOptions { Output = Add(output), Errors = Add(errors) });
        Assert.True(worker.WaitForExit(Times.Long));
        Eventually.True(() => Count(output) == 3 && Count(errors) == 1);
        Assert.Equal(["line 1", "line 2", "line 3"], output);
        Assert.Equal(["no more"], errors);

        static Action<string> Add(List<string> lines) => line =>
        {
            lock (lines)
            {
                lines.Add(line);
            }
        };

        static int Count(List<string> lines)
        {
            lock (lines)
            {
                return lines.Count;
            }
        }
    }

    [Fact]
    public void Start_WithAName_TheListOfConnectionsShowsIt()
    {
        using var broker = QueueBroker.StartProcess();
        using var client = QueueClient.Connect(broker.Endpoint);
        using var jobs = client.OpenQueue<int>("jobs");
        using var workers = new Workforce();
        var worker = workers.Add(WorkerProcess.Start(Wait, jobs, new WorkerOptions { Name = "resizer 1" }));
        Eventually.True(() => client.GetConnections().Any(connection => connection.ProcessId == worker.Id));
        Assert.Equal("resizer 1", Assert.Single(client.GetConnections(), connection => connection.ProcessId == worker.Id).Program);
    }

    [Fact]
    public void Start_OptionsOutOfRange_SayWhat()
    {
        Assert.Contains("A worker's name must not be empty", Assert.Throws<ArgumentException>(() => WorkerProcess.Start(End, new WorkerOptions { Name = string.Empty })).Message);
        Assert.Contains("There is no directory", Assert.Throws<ArgumentException>(() => WorkerProcess.Start(End, new WorkerOptions { WorkingDirectory = "/no/such" })).Message);
    }

    [Fact]
    public void Start_MoreThanFourArguments_TravelAsARecord()
    {
        using var sums = IpcQueue.Create<int>();
        using var worker = WorkerProcess.Start(Sum, new Five(1, "22", 3, sums, [4, 5]));
        Assert.Equal(35, sums.Get(Times.Long));
        Assert.True(worker.WaitForExit(Times.Long));
    }

    [Fact]
    public void Exited_WhenItEndsAndAfterwards_IsRaisedOnceWithTheExitCodeKnown()
    {
        using var go = IpcQueue.Create<bool>();
        using var worker = WorkerProcess.Start(WaitAndReturn, go);
        using var told = new CountdownEvent(2);
        var codes = new int[2];
        worker.Exited += (sender, _) => Tell(0, sender);
        go.Put(true);
        Assert.True(worker.WaitForExit(Times.Long));
        Eventually.True(() => told.CurrentCount == 1);
        worker.Exited += (sender, _) => Tell(1, sender);
        Assert.True(told.Wait(Times.Long));
        Assert.Equal([7, 7], codes);

        void Tell(int which, object? sender)
        {
            codes[which] = ((WorkerProcess)sender!).ExitCode;
            told.Signal();
        }
    }

    private static void Tell(IpcQueue<Surroundings> told)
    {
        using var me = Process.GetCurrentProcess();
        told.Put(new Surroundings(
            Environment.CurrentDirectory,
            Environment.GetEnvironmentVariable("QUEUEIPC_TEST_ADDED"),
            Environment.GetEnvironmentVariable("QUEUEIPC_TEST_REMOVED"),
            me.PriorityClass,
            Console.In.ReadToEnd().Length));
    }

    private static void Speak(int lines)
    {
        for (var line = 1; line <= lines; line++)
        {
            Console.WriteLine($"line {line}");
        }

        Console.Error.WriteLine("no more");
    }

    private static void Wait(IpcQueue<int> jobs) => jobs.Get();

    private static void End()
    {
        // It is not started.
    }

    private static void Sum(Five five) => five.Four.Put(five.One + int.Parse(five.Two, System.Globalization.CultureInfo.InvariantCulture) + (int)five.Three + five.Six.Sum());

    private static int WaitAndReturn(IpcQueue<bool> go)
    {
        go.Get();
        return 7;
    }
}
