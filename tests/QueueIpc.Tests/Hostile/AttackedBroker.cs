using System.Globalization;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Hostile;

/// <summary>A broker process with little memory to give, and an honest client that it serves all the while.</summary>
public sealed class AttackedBroker : IDisposable
{
    public const int MaxItemBytes = 1024 * 1024;

    private const long MaxMemoryBytes = 64 * 1024 * 1024;

    /// <summary>What the process may have in all: its items, and what a .NET process needs.</summary>
    private const long ResidentBytesMax = 512 * 1024 * 1024;

    private readonly QueueBroker _broker;
    private readonly HonestClient _honest;
    private readonly int _processId;

    public AttackedBroker()
        : this(null)
    {
    }

    internal AttackedBroker(QueueBrokerOptions? options)
    {
        _broker = QueueBroker.StartProcess((options ?? new QueueBrokerOptions()) with { MaxItemBytes = MaxItemBytes, MaxMemoryBytes = MaxMemoryBytes });
        _honest = new HonestClient(_broker.Endpoint);
        _processId = RawClient.BrokerProcessId(_broker.Endpoint);
    }

    public string Endpoint => _broker.Endpoint;

    internal HonestClient Honest => _honest;

    public int OpenHandles => OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries($"/proc/{_processId}/fd").Length : 0;

    public long ResidentBytes => OperatingSystem.IsLinux() ? long.Parse(Status("VmRSS:"), CultureInfo.InvariantCulture) * 1024 : 0;

    public long ResidentBytesEver => OperatingSystem.IsLinux() ? long.Parse(Status("VmHWM:"), CultureInfo.InvariantCulture) * 1024 : 0;

    /// <summary>The broker is the same process as before, serves its honest client, and needs no more memory than it may.</summary>
    public void AssertUnharmed()
    {
        _honest.WaitRounds(10);
        Assert.True(ProcessTable.IsRunning(_processId));
        Assert.Equal(_processId, RawClient.BrokerProcessId(Endpoint));
        Assert.InRange(ResidentBytes, 0, ResidentBytesMax);
    }

    public void Dispose()
    {
        _honest.Dispose();
        _broker.Dispose();
    }

    private string Status(string field) => File.ReadLines($"/proc/{_processId}/status")
        .Single(line => line.StartsWith(field, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
}
