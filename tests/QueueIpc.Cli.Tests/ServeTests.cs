using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

public sealed class ServeTests : ToolTest
{
    [UnixTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Serve_AskedToStop_LetsConsumersTakeWhatIsLeft(bool byCtrlC)
    {
        using var serve = Start("orders");
        using var client = QueueClient.Connect("orders");
        using var queue = client.OpenQueue<int>("jobs", new QueueOptions { Capacity = 3 });
        queue.PutMany([1, 2, 3]);

        Stop(serve, byCtrlC);
        Assert.Throws<QueueCompletedException>(() => queue.Put(4, Times.Long));

        Assert.Equal([1, 2, 3], queue.GetConsumingEnumerable());
        var ended = Tool.Finish(serve);
        Assert.Equal((0, "ended; nothing was left\n"), (ended.ExitCode, ended.Output));
        Assert.DoesNotContain(Directory.GetFiles(PipeDirectory), file => file.Contains("orders", StringComparison.Ordinal));
    }

    [UnixFact]
    public void Serve_NobodyTakesWhatIsLeft_EndsAndSaysWhatIsLost()
    {
        using var serve = Start("orders", "--drain", "0.1", "--json");
        using var client = QueueClient.Connect("orders");
        client.OpenQueue<int>("jobs").PutMany([1, 2, 3]);

        Signals.Terminate(serve.Id);

        var ended = Tool.Finish(serve);
        Assert.Equal((0, "{\"lost\":3}\n"), (ended.ExitCode, ended.Output));
    }

    [UnixFact]
    public void Serve_AskedToStopTwice_EndsAtOnce()
    {
        using var serve = Start("orders", "--drain", "3600");
        using var client = QueueClient.Connect("orders");
        using var queue = client.OpenQueue<int>("jobs", new QueueOptions { Capacity = 1 });
        queue.Put(1);
        Signals.Interrupt(serve.Id);
        Assert.Throws<QueueCompletedException>(() => queue.Put(2, Times.Long));

        Signals.Interrupt(serve.Id);

        var ended = Tool.Finish(serve);
        Assert.Equal((0, "ended; 1 item that nobody took in time is lost\n"), (ended.ExitCode, ended.Output));
        Assert.Equal("queueipc: waiting until 1 item is taken, 3600 s at most; Ctrl+C ends it at once\n", ended.Errors);
    }

    [Fact]
    public void Serve_NameThatIsServedOrIsNone_FailsInWords()
    {
        var served = Tool.Run(["serve", "--name", "test"]);
        var none = Tool.Run(["serve", "--name", "no/name"]);

        Assert.Equal(1, served.ExitCode);
        Assert.Contains("Another broker serves", served.Errors, StringComparison.Ordinal);
        Assert.Equal(2, none.ExitCode);
    }

    private static System.Diagnostics.Process Start(string name, params string[] more)
    {
        var serve = Tool.Start(["serve", "--name", name, .. more]);
        Assert.Contains(name, serve.StandardOutput.ReadLine(), StringComparison.Ordinal);
        return serve;
    }

    private static void Stop(System.Diagnostics.Process serve, bool byCtrlC)
    {
        if (byCtrlC)
        {
            Signals.Interrupt(serve.Id);
        }
        else
        {
            Signals.Terminate(serve.Id);
        }
    }
}
