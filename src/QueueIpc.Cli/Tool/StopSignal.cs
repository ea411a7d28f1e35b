using System.Runtime.InteropServices;

namespace QueueIpc.Cli.Tool;

/// <summary>Ctrl+C and requests to terminate, as a token: the command ends in order. The second one ends the process at once, unless the command has a use for it.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private CancellationTokenSource? _again;

    public StopSignal() => _registrations = [Listen(PosixSignal.SIGINT), Listen(PosixSignal.SIGTERM)];

    public CancellationToken Token => _source.Token;

    /// <summary>Asked for a second time: wait for nothing any more.</summary>
    public CancellationToken AgainToken => (_again ??= new CancellationTokenSource()).Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _source.Dispose();
        _again?.Dispose();
    }

    private PosixSignalRegistration Listen(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        var which = _source.IsCancellationRequested ? _again : _source;
        context.Cancel = which is { IsCancellationRequested: false };
        which?.Cancel();
    });
}
