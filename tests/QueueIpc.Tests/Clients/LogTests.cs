using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Clients;

public sealed class LogTests : IDisposable
{
    private readonly RecordedLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Client_ComesAndLeaves_BrokerSaysSo()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { LoggerFactory = _log });
        using (var client = QueueClient.Connect(broker.Endpoint, new QueueClientOptions { LoggerFactory = _log }))
        {
            client.OpenQueue<int>("jobs").Dispose();
            client.DeleteQueue("jobs");
        }

        Eventually.True(() => _log.Of(6).Any());
        Assert.Equal([2, 5, 9, 10, 6], _log.Entries.Where(entry => entry.Category == "QueueIpc.Broker").Select(entry => entry.Id));
        Assert.Equal([101], _log.Entries.Where(entry => entry.Category == "QueueIpc.Client").Select(entry => entry.Id));
    }

    [Fact]
    public void Client_EndsWithoutAGoodbye_BrokerSaysSo()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { LoggerFactory = _log });
        using (var worker = WorkerProcess.Start(DieConnected, broker.Endpoint))
        {
            worker.WaitForExit();
        }

        Eventually.True(() => _log.Of(7).Any());
    }

    [Fact]
    public void Client_EndsWithoutAGoodbyeAndHoldsItems_BrokerSaysWhoAndHowMany()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { LoggerFactory = _log });
        broker.OpenQueue<int>("jobs").PutMany([1, 2, 3]);
        using var worker = WorkerProcess.Start(DieWithTwoLeases, broker.Endpoint);
        worker.WaitForExit();

        Eventually.True(() => _log.Of(11).Any());
        Assert.Equal(LogLevel.Warning, _log.Of(11).Single().Level);
        Assert.Contains($"process {worker.Id} ended without a goodbye; what it held goes back (items: 2)", _log.Of(11).Single().Message);
    }

    [Fact]
    public void Broker_Ends_ClientSaysThatTheConnectionIsLost()
    {
        var broker = QueueBroker.Start();
        using var client = QueueClient.Connect(broker.Endpoint, new QueueClientOptions { LoggerFactory = _log });

        broker.Dispose();

        Assert.ThrowsAny<IOException>(() => client.GetQueues());
        Eventually.True(() => _log.Of(102).Any());
    }

    [Fact]
    public void Broker_Full_RefusesAndSaysSo()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxConnections = 1, LoggerFactory = _log });
        using var first = QueueClient.Connect(broker.Endpoint);

        Assert.Throws<BrokerUnavailableException>(() => QueueClient.Connect(broker.Endpoint, new QueueClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100) }));

        Assert.NotEmpty(_log.Of(8));
    }

    [Fact]
    public void Lease_Forgotten_ClientSaysOfWhichQueue()
    {
        using var broker = QueueBroker.Start();
        using var client = QueueClient.Connect(broker.Endpoint, new QueueClientOptions { LoggerFactory = _log });
        using var jobs = client.OpenQueue<int>("jobs", new QueueOptions { LeaseTime = TimeSpan.FromMilliseconds(30) });
        jobs.Put(1);

        Forget(jobs);

        Eventually.True(() =>
        {
            GC.Collect();
            return _log.Of(103).Any();
        });
        Assert.Contains("'jobs'", _log.Of(103).First().Message);
    }

    private static void DieConnected(string endpoint)
    {
        QueueClient.Connect(endpoint).OpenQueue<int>("jobs");
        Process.GetCurrentProcess().Kill();
    }

    private static void DieWithTwoLeases(string endpoint)
    {
        QueueClient.Connect(endpoint).OpenQueue<int>("jobs").LeaseMany(2, Times.Long);
        Process.GetCurrentProcess().Kill();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(IpcQueue<int> jobs) => jobs.Lease();
}
