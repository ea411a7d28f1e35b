using QueueIpc.Tests.Support;

namespace QueueIpc.Sqlite.Tests;

/// <summary>A commit is one flush of the log. That goes to its place in the file from time to time, which takes three more, and not behind each commit.</summary>
public sealed class LogTests
{
    [Fact]
    public void Put_AfterTheLogWasLongOnce_ChangesTheLogAlone()
    {
        using var directory = new TemporaryDirectory();
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Storage = new SqliteStorage(directory.Path) });
        using var queue = broker.OpenQueue<byte[]>("jobs");
        var file = new FileInfo(directory.Combine("queues.db"));
        queue.PutMany(Enumerable.Repeat(new byte[64 * 1024], 320));
        queue.Put([]);
        file.Refresh();
        var length = file.Length;
        Assert.InRange(length, 10_000_000, 40_000_000);

        for (var i = 0; i < 20; i++)
        {
            queue.Put(new byte[20_000]);
            file.Refresh();
            Assert.Equal(length, file.Length);
        }
    }

    /// <summary>Were it never emptied, it would grow until the disk is full.</summary>
    [Fact]
    public void Put_MuchMoreThanTheLogHas_GoesToTheFile()
    {
        using var directory = new TemporaryDirectory();
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Storage = new SqliteStorage(directory.Path) });
        using var queue = broker.OpenQueue<byte[]>("jobs");
        for (var i = 0; i < 100; i++)
        {
            queue.PutMany(Enumerable.Repeat(new byte[64 * 1024], 16));
            for (var taken = 0; taken < 16;)
            {
                taken += queue.GetMany(16 - taken, Times.Long).Count;
            }
        }

        Assert.InRange(new FileInfo(directory.Combine("queues.db-wal")).Length, 10_000_000, 20_000_000);
    }
}
