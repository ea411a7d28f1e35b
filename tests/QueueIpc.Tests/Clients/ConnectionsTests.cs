using QueueIpc.Protocol;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Clients;

public sealed class ConnectionsTests : IDisposable
{
    private readonly QueueBroker _broker = QueueBroker.Start();
    private readonly QueueClient _client;

    public ConnectionsTests() => _client = QueueClient.Connect(_broker.Endpoint);

    public void Dispose()
    {
        _client.Dispose();
        _broker.Dispose();
    }

    [Fact]
    public void GetConnections_OneIdleClient_IsThisProcess()
    {
        using var queue = _client.OpenQueue<int>("jobs");

        var connection = Assert.Single(_client.GetConnections());

        Assert.Equal((Environment.ProcessId, Environment.UserName, 1), (connection.ProcessId, connection.User, connection.OpenQueues));
        Assert.Equal("QueueIpc.Tests", connection.Program);
        Assert.True(connection.Age > TimeSpan.Zero);
        Assert.Empty(connection.Queues);
    }

    [Fact]
    public void GetConnections_ItemsLeasedAndReadAhead_AreHeldByTheirClient()
    {
        using var mine = _client.OpenQueue<int>("jobs");
        mine.PutMany([1, 2, 3, 4]);
        using var lease = mine.Lease();

        // A reader that never confirms: the library's own does so when it pleases.
        using var reader = RawClient.Greeted(_broker.Endpoint);
        var window = RawClient.Body(writer =>
        {
            writer.Write(2);
            writer.Write(1000L);
        });
        reader.Send(RawClient.Frame((byte)Op.Subscribe, reader.OpenQueue("jobs"), 7, window));
        Assert.Equal((byte)Op.Items, reader.ReadFrame().Op);

        var held = _client.GetConnections().SelectMany(connection => connection.Queues).Select(queue => queue.Held).Order();

        Assert.Equal([1, 2], held);
    }

    [Fact]
    public void GetConnections_WorkerWaits_SaysOnWhichQueueAndForWhat()
    {
        using var full = _client.OpenQueue<int>("full", new QueueOptions { Capacity = 1 });
        using var empty = _client.OpenQueue<int>("empty");
        full.Put(1);
        using var worker = WorkerProcess.Start(WaitOnAll, full, empty);

        Eventually.True(() => Of(worker)?.Queues.Sum(queue => queue.WaitingGets + queue.WaitingPuts + queue.WaitingJoins) == 3);

        var connection = Of(worker)!;
        Assert.Equal(
            [new ConnectionQueueInfo("empty", 0, 1, 0, 0), new ConnectionQueueInfo("full", 0, 0, 1, 1)],
            connection.Queues.OrderBy(queue => queue.Name));
        worker.Kill();
        worker.WaitForExit();
        Eventually.True(() => Of(worker) is null);

        static void WaitOnAll(IpcQueue<int> full, IpcQueue<int> empty)
        {
            _ = empty.GetAsync().AsTask();
            _ = full.JoinAsync();
            full.Put(2);
        }
    }

    [Fact]
    public async Task GetConnectionsAsync_Cancelled_Throws()
    {
        Assert.Single(await _client.GetConnectionsAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.GetConnectionsAsync(new CancellationToken(canceled: true)));
    }

    private ConnectionInfo? Of(WorkerProcess worker) => _client.GetConnections().SingleOrDefault(connection => connection.ProcessId == worker.Id);
}
