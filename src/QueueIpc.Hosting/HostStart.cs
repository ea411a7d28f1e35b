using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace QueueIpc.Hosting;

/// <summary>
/// How long a host's start waits for its broker: for one that is not there yet as long as its client does, for one that is there and does not answer (a stopped
/// process) only <see cref="SilenceMax"/>. The host then starts without it, and what it needs is opened in the background.
/// </summary>
internal sealed class HostStart : IDisposable
{
    /// <summary>A broker answers within milliseconds; a busy machine takes longer, and the host is none the worse for having started before.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(2);

    private readonly CancellationToken _toldToEnd;
    private readonly CancellationTokenSource _giveUp;
    private readonly TaskCompletionSource<string> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HostStart(IServiceProvider provider)
    {
        _toldToEnd = provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        _giveUp = CancellationTokenSource.CreateLinkedTokenSource(_toldToEnd);
    }

    /// <summary>
    /// Until when the client looks for its broker: dependency injection has no token for what makes it. The host's end, from the beginning, since the constructors of services may ask
    /// for the client or a queue; and the end of the host's start, as long as that waits.
    /// </summary>
    public CancellationToken Token => _giveUp.Token;

    /// <summary>Whether the host was told to end, so that there may be no client.</summary>
    public bool IsToldToEnd => _toldToEnd.IsCancellationRequested;

    /// <summary>Ends when client and queues are open, or fails as their opening does. Of a host that has not begun to start, it has ended.</summary>
    public Task Opened { get; private set; } = Task.CompletedTask;

    /// <summary>Where somebody listens and has not answered yet; null if nobody is known to.</summary>
    public string? Endpoint => _found.Task.IsCompletedSuccessfully ? _found.Task.Result : null;

    public void SetFound(string? endpoint)
    {
        if (endpoint is not null)
        {
            _found.TrySetResult(endpoint);
        }
    }

    public void Begin(Action open) => Opened = Task.Run(open, Token);

    /// <summary>Whether all is open; false when the broker is there and silent. What is wrong is thrown.</summary>
    public async Task<bool> WaitAsync(CancellationToken ct)
    {
        using var cancelled = ct.UnsafeRegister(static start => ((HostStart)start!)._giveUp.Cancel(), this);
        using var opened = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await Task.WhenAny(Opened, SilenceAsync(opened.Token)).ConfigureAwait(false);
        await opened.CancelAsync().ConfigureAwait(false);
        if (Opened.IsCompleted || Token.IsCancellationRequested)
        {
            await Opened.ConfigureAwait(false);
            return true;
        }

        return false;
    }

    public void Dispose() => _giveUp.Dispose();

    private async Task SilenceAsync(CancellationToken ct)
    {
        await _found.Task.WaitAsync(ct).ConfigureAwait(false);
        await Task.Delay(SilenceMax, ct).ConfigureAwait(false);
    }
}
