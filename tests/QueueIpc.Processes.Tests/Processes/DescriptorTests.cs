using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>File descriptors run out (Unix, "ulimit -n"): what needs one says so, and what has one goes on.</summary>
public sealed class DescriptorTests
{
    /// <summary>What a broker keeps for its runtime, see FileDescriptors, and a few for clients.</summary>
    private const int ReservedAndFew = 32 + 20;

    [UnixFact]
    public void NoDescriptorsLeft_StartsAndConnects_AreRefusedInWordsAndWorkAgainLater()
    {
        using var directory = new PrivatePipeDirectory();
        using var workers = new Workforce();
        using var broker = QueueBroker.Start();

        var worker = workers.Add(WorkerProcess.Start(RunOutAndTryEverything, broker.Endpoint));

        Assert.True(worker.WaitForExit(Times.Long));
        Assert.True(worker.ExitCode == 0, $"{worker.Failure}");
    }

    [UnixFact]
    public void BrokerShortOfDescriptors_ManyClients_AreRefusedInWordsAndTheOthersServed()
    {
        using var workers = new Workforce();
        using var endpoints = IpcQueue.Create<string>();
        using var end = IpcQueue.Create<bool>();
        var worker = workers.Add(WorkerProcess.Start(ServeWithFewDescriptors, endpoints, end));
        var endpoint = endpoints.Get(Times.Long);
        using var honest = QueueClient.Connect(endpoint);
        using var queue = honest.OpenQueue<int>("queue");
        var crowd = new List<QueueClient>();

        var e = Assert.Throws<BrokerUnavailableException>(() =>
        {
            while (crowd.Count <= ReservedAndFew)
            {
                crowd.Add(QueueClient.Connect(endpoint));
            }
        });

        Assert.Contains("no file descriptors to spare", e.Message);
        Assert.True(crowd.Count > 10);
        queue.Put(1);
        Assert.Equal(1, queue.Get(Times.Long));
        crowd.ForEach(client => client.Dispose());
        Eventually.True(() => CanConnect(endpoint));
        end.Put(true);
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(0, worker.ExitCode);
    }

    private static void RunOutAndTryEverything(string endpoint)
    {
        var options = new QueueBrokerOptions { Name = "named" };
        var connect = () => QueueClient.Connect(endpoint, new QueueClientOptions { ConnectTimeout = Times.Short }).Dispose();
        var actions = new Action[]
        {
            () => QueueBroker.Start(options).Dispose(),
            () => QueueBroker.StartProcess(options).Dispose(),
        };

        // Everything once, so that what the runtime opens by itself is open.
        QueueClient.Connect(endpoint).Dispose();
        Array.ForEach(actions, action => action());
        UnixCalls.LimitOpenFiles(ProcessTable.OpenHandles() + ReservedAndFew);
        var open = new Stack<FileStream>();
        while (Refused(() => open.Push(File.OpenRead("/dev/null"))) is null)
        {
            // Until there are none.
        }

        // With none left at all, then with one more at a time: whichever step it is that lacks one, it is said in words.
        List<string> refusals = [Refused(connect) ?? "connected"];
        for (var left = 0; left < 8; left++)
        {
            refusals.AddRange(actions.Select(Refused).OfType<string>());
            open.Pop().Dispose();
        }

        Assert.True(refusals.Count > 8);
        Assert.All(refusals, words => Assert.Contains("Too many open files", words));
        while (open.TryPop(out var file))
        {
            file.Dispose();
        }

        QueueClient.Connect(endpoint).Dispose();
        Array.ForEach(actions, action => action());
    }

    private static string? Refused(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private static bool CanConnect(string endpoint)
    {
        try
        {
            QueueClient.Connect(endpoint).Dispose();
            return true;
        }
        catch (BrokerUnavailableException)
        {
            return false;
        }
    }

    private static void ServeWithFewDescriptors(IpcQueue<string> endpoints, IpcQueue<bool> end)
    {
        using var broker = QueueBroker.Start();
        UnixCalls.LimitOpenFiles(ProcessTable.OpenHandles() + ReservedAndFew);
        endpoints.Put(broker.Endpoint);
        end.Get();
    }
}
