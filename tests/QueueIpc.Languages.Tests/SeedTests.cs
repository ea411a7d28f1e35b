using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Languages.Tests;

/// <summary>The shortest program, with its producer in one language and its consumer in the other.</summary>
public sealed class SeedTests
{
    private static readonly string[] Items = [.. Enumerable.Range(0, 5).Select(i => $"数据 {i}")];

    [Fact]
    public void PythonProduces_DotnetConsumes()
    {
        using var queue = IpcQueue.Create<string?>();

        using var producer = Start("[queue.put(f'数据 {i}') for i in range(5)]", queue);

        Assert.Equal(Items, Items.Select(_ => queue.Get(Times.Long)));
        Assert.True(producer.WaitForExit(Times.Long));
        Assert.Equal(0, producer.ExitCode);
    }

    [Fact]
    public void DotnetProduces_PythonConsumes()
    {
        using var queue = IpcQueue.Create<string?>();
        using var seen = IpcQueue.Create<string>();
        using var consumer = Start("[seen.put(item) for item in iter(queue.get, None)]", queue, seen);

        using var producer = WorkerProcess.Start(Produce, queue);
        producer.WaitForExit();
        queue.Put(null);

        Assert.True(consumer.WaitForExit(Times.Long));
        Assert.Equal(0, consumer.ExitCode);
        Assert.Equal(Items, seen.GetMany(10, TimeSpan.Zero));
    }

    /// <summary>A program that ends closes its connections, and took that for its parent's end if it then had something left to do: here half a second, which comes last.</summary>
    [Fact]
    public void PythonEndsByItself_WithSomethingLeftToDo_ItsExitCodeIsItsOwn()
    {
        using var queue = IpcQueue.Create<string?>();
        using var program = Start("import time\ntime.sleep(0.5)\nqueue.get()", "import atexit, time\natexit.register(time.sleep, 0.5)\n", queue);
        queue.Put("x");

        Assert.True(program.WaitForExit(Times.Long));
        Assert.Equal(0, program.ExitCode);
    }

    private static void Produce(IpcQueue<string?> queue)
    {
        for (var i = 0; i < 5; i++)
        {
            queue.Put($"数据 {i}");
        }
    }

    private static WorkerProcess Start(string code, params object[] queues) => Start(code, string.Empty, queues);

    private static WorkerProcess Start(string code, string before, params object[] queues)
    {
        var names = queues.Length == 1 ? "queue," : "queue, seen";
        var program = new ProcessStartInfo(Languages.Python, ["-c", $"{before}import queueipc\n{names} = queueipc.from_environment()\n{code}"]);
        program.Environment["PYTHONPATH"] = Languages.PythonFolder;
        program.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        program.Environment["PYTHONUTF8"] = "1";
        return WorkerProcess.Start(program, queues);
    }
}
