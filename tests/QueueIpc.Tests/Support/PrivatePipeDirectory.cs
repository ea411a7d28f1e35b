namespace QueueIpc.Tests.Support;

/// <summary>A pipe directory of the test's own (Unix): brokers that are started while it is there put their files into it, and nobody else does.</summary>
internal sealed class PrivatePipeDirectory : IDisposable
{
    private const string Variable = "XDG_RUNTIME_DIR";

    private readonly string _runtime;
    private readonly string? _before;

    public PrivatePipeDirectory()
    {
        // The broker of this process's unnamed queues outlives the test, so it must have its place elsewhere.
        IpcQueue.Create<int>().Dispose();
        _runtime = Directory.CreateTempSubdirectory("qipc").FullName;
        _before = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, _runtime);
    }

    /// <summary>Stands for XDG_RUNTIME_DIR.</summary>
    public string RuntimePath => _runtime;

    /// <summary>The directory of the pipes, inside the one that only this test uses.</summary>
    public string Path => System.IO.Path.Combine(_runtime, "queueipc");

    public string[] Files => [.. Directory.GetFileSystemEntries(Path).Select(file => System.IO.Path.GetFileName(file)).Order()];

    public string PathOf(string file) => System.IO.Path.Combine(Path, file);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, _before);
        Directory.Delete(_runtime, recursive: true);
    }
}
