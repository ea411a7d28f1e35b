using QueueIpc.Sqlite;

namespace QueueIpc;

/// <summary>
/// A broker's named queues in a directory, as a SQLite database. What a call says is done is on the disk when it returns: flushed, and there
/// again after the broker, the machine or its power has failed. One broker at a time has the directory.
/// </summary>
/// <param name="directory">
/// Where; made if it is not there, for this user alone. It must be on a disk of this machine: network file systems are refused.
/// </param>
public sealed class SqliteStorage(string directory) : QueueStorage
{
    /// <summary>The directory's full path.</summary>
    public string Directory { get; } = Path.GetFullPath(directory ?? throw new ArgumentNullException(nameof(directory)));

    internal override string Location => Directory;

    internal override IQueueStore Open(StoreContext context)
    {
        var place = DataDirectory.Take(Directory);
        try
        {
            return new SqliteStore(place, context);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }
}
