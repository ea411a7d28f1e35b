using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace QueueIpc.Hosting;

/// <summary>Until when the host waits for its broker: dependency injection has no token for what makes the client.</summary>
internal sealed class HostStart
{
    private readonly CancellationToken _toldToEnd;

    public HostStart(IServiceProvider provider) => Token = _toldToEnd = provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;

    /// <summary>Of the start while services are started. Before, it is the host's end, since the constructors of services may ask for the client or a queue.</summary>
    public CancellationToken Token { get; set; }

    /// <summary>Whether the host was told to end, so that there may be no client.</summary>
    public bool IsToldToEnd => _toldToEnd.IsCancellationRequested;
}
