using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Languages.Tests;

/// <summary>Workers that are programs of other languages.</summary>
public sealed class ProgramTests
{
    private const string PythonEcho = "import queueipc\njobs, results = queueipc.from_environment()\nfor item in jobs: results.put([item, 'Python'])\n";

    private const string NodeEcho =
        "const { fromEnvironment } = await import(process.env.CLIENT);\nconst { client, queues: [jobs, results] } = await fromEnvironment();\n" +
        "for await (const item of jobs) await results.put([item, 'Node']);\nawait client.close();\n";

    [Theory]
    [InlineData("Python")]
    [InlineData("Node")]
    public void Start_AProgramWithQueues_GetsThemAndEndsWithThem(string language)
    {
        using var jobs = IpcQueue.Create<int>();
        using var results = IpcQueue.Create<(int Item, string Language)>();
        jobs.PutMany([1, 2, 3]);
        jobs.Complete();

        using var worker = WorkerProcess.Start(Program(language, language == "Python" ? PythonEcho : NodeEcho), jobs, results);

        Assert.Equal([(1, language), (2, language), (3, language)], Enumerable.Range(0, 3).Select(_ => results.Get(Times.Long)));
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal((0, null), (worker.ExitCode, worker.Failure));
    }

    [Theory]
    [InlineData("Python", "raise ValueError('it is cold')", "ValueError: it is cold")]
    [InlineData("Node", "process.stderr.write('it is cold\\n'); process.exit(3);", "it is cold")]
    public void Failure_AProgramThatFails_IsTheEndOfItsErrors(string language, string code, string said)
    {
        using var worker = WorkerProcess.Start(Program(language, code));

        Assert.True(worker.WaitForExit(Times.Long));
        Assert.NotEqual(0, worker.ExitCode);
        Assert.Equal(said, worker.Failure?.Message);
        Assert.Contains("it is cold", worker.Failure!.Stack);
    }

    [Theory]
    [InlineData("Python")]
    [InlineData("Node")]
    public void Terminate_AProgramThatWaits_Ends(string language)
    {
        using var jobs = IpcQueue.Create<int>();
        using var results = IpcQueue.Create<(int, string)>();
        using var worker = WorkerProcess.Start(Program(language, language == "Python" ? PythonEcho : NodeEcho), jobs, results);
        jobs.Put(1);
        results.Get(Times.Long);

        worker.Terminate();

        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(OperatingSystem.IsWindows() ? -1 : 143, worker.ExitCode);
    }

    [Theory]
    [InlineData("Python")]
    [InlineData("Node")]
    public void Parent_IsKilled_TheProgramEndsAsWell(string language)
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<int>("processes");
        var program = language == "Python" ? Languages.Python : Languages.Node;
        using var parent = WorkerProcess.Start(Parent, broker.Endpoint, language, program, queue);
        var child = Process.GetProcessById(queue.Get(Times.Long));

        parent.Kill();

        Assert.True(child.WaitForExit(Times.Long), "the program lives on");
    }

    [Fact]
    public void Start_AProgramThatIsNotThere_SaysSo()
    {
        var error = Assert.Throws<IOException>(() => WorkerProcess.Start(new ProcessStartInfo("no-such-program")));

        Assert.StartsWith("The program 'no-such-program' could not be started", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_ArgumentThatIsNoQueue_SaysSo()
    {
        var error = Assert.Throws<ArgumentException>(() => WorkerProcess.Start(new ProcessStartInfo("true"), 5));

        Assert.StartsWith("What a program is given are queues, and this is a System.Int32.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_QueuesOfTwoBrokers_SaysSo()
    {
        using var broker = QueueBroker.Start();
        using var here = IpcQueue.Create<int>();
        using var there = broker.OpenQueue<int>("there");

        Assert.Throws<ArgumentException>(() => WorkerProcess.Start(new ProcessStartInfo("true"), here, there));
    }

    [Fact]
    public void PythonWorker_OneWorkerKilled_NothingIsLost()
    {
        _ = Languages.Python;
        _ = Languages.Node;
        var program = Path.Combine(AppContext.BaseDirectory, "PythonWorker.dll");

        var (exitCode, output, errors) = Languages.Run(new ProcessStartInfo("dotnet", program) { RedirectStandardOutput = true, RedirectStandardError = true }, TimeSpan.FromMinutes(1));

        Assert.Equal((0, string.Empty), (exitCode, errors));
        Assert.StartsWith("the worker in Python is killed in the middle of 01.txt", output, StringComparison.Ordinal);
        Assert.Contains("01.txt is done again", output, StringComparison.Ordinal);
        Assert.EndsWith("114 words in 6 of 6 files: nothing is lost\n", output, StringComparison.Ordinal);
    }

    /// <summary>In a child process: starts a program that waits on a queue of the grandparent's broker, and says which process it is.</summary>
    private static void Parent(string endpoint, string language, string program, IpcQueue<int> processes)
    {
        using var jobs = IpcQueue.Open<int>(endpoint, "jobs");
        using var results = IpcQueue.Open<(int, string)>(endpoint, "results");
        using var worker = WorkerProcess.Start(Program(language, program, language == "Python" ? PythonEcho : NodeEcho), jobs, results);
        jobs.Put(1);
        results.Get();
        processes.Put(worker.Id);
        worker.WaitForExit();
    }

    private static ProcessStartInfo Program(string language, string code) =>
        Program(language, language == "Python" ? Languages.Python : Languages.Node, code);

    /// <summary>Without a look at what is installed: that may build a client, which only one process should do.</summary>
    private static ProcessStartInfo Program(string language, string program, string code)
    {
        if (language == "Python")
        {
            return With(new ProcessStartInfo(program, ["-c", code]));
        }

        var info = With(new ProcessStartInfo(program, ["--input-type=module", "-e", code]));
        info.Environment["CLIENT"] = Path.Combine(Languages.NodeFolder, "dist", "esm", "index.js");
        return info;
    }

    private static ProcessStartInfo With(ProcessStartInfo info)
    {
        info.Environment["PYTHONPATH"] = Languages.PythonFolder;
        info.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        return info;
    }
}
