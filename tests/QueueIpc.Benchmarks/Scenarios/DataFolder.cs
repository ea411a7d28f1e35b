namespace QueueIpc.Benchmarks;

/// <summary>A directory for a broker's queues, which is gone afterwards. It lies where temporary files do, as those of all that is compared with.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("queueipc-bench-").FullName;

    public QueueBrokerOptions Options => new() { Storage = new SqliteStorage(Data) };

    /// <summary>The bytes of the database and its log.</summary>
    public long FileBytes => new DirectoryInfo(Data).EnumerateFiles("queues.db*").Sum(file => file.Length);

    private string Data => System.IO.Path.Combine(Path, "data");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
