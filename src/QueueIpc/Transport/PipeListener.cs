using System.IO.Pipes;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace QueueIpc.Transport;

/// <summary>Accepts connections at an endpoint, for this user only, on a thread of its own.</summary>
internal sealed class PipeListener : IDisposable
{
    /// <summary>After a failure that has to do with the whole machine (no file descriptors, say), the next try waits so long.</summary>
    private const int RetryMs = 50;

    private readonly string _endpoint;
    private readonly Action<ILink> _accepted;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly EndpointLock? _lock;
    private readonly Thread _thread;
    private NamedPipeServerStream _next;

    public PipeListener(string endpoint, Action<ILink> accepted, ILogger logger)
    {
        (_endpoint, _accepted, _logger) = (endpoint, accepted, logger);
        PipeDirectory.Ensure();
        if (OperatingSystem.IsWindows())
        {
            _next = CreateFirstOnWindows();
        }
        else
        {
            AbandonedPipes.Clear(TimeProvider.System);
            _lock = EndpointLock.Take(endpoint);
            try
            {
                _next = Create(PipeOptions.CurrentUserOnly);
                File.SetUnixFileMode(endpoint, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
            catch
            {
                _lock.Dispose();
                throw;
            }
        }

        _thread = BackgroundThread.Start("QueueIpc accept", Run);
    }

    /// <summary>Accepts nobody any more. Connections made before go on.</summary>
    public void StopAccepting()
    {
        _stop.Cancel();
        if (!OperatingSystem.IsWindows())
        {
            KnockOnUnix();
        }

        _thread.Join();
    }

    /// <summary>Gives the endpoint up. Only when all connections are closed: the last of them deletes the socket.</summary>
    public void Dispose()
    {
        _next.Dispose();
        if (!OperatingSystem.IsWindows())
        {
            _lock?.Dispose();
        }

        _stop.Dispose();
    }

    private static PipeOptions Usual => OperatingSystem.IsWindows()
        ? PipeOptions.CurrentUserOnly | PipeOptions.Asynchronous
        : PipeOptions.CurrentUserOnly;

    private NamedPipeServerStream Create(PipeOptions options) => new(
        PipeNames.PipeNameOf(_endpoint), PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances,
        PipeTransmissionMode.Byte, options, Link.BufferBytes, Link.BufferBytes);

    private NamedPipeServerStream CreateFirstOnWindows()
    {
        try
        {
            return Create(Usual | PipeOptions.FirstPipeInstance);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Another broker serves '{_endpoint}' already. Connect to it with QueueClient.Connect, or start this one under another name.", e);
        }
    }

    private void Run()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Accept();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or InvalidOperationException)
            {
                // One peer that is not allowed, or that was gone at once; or no descriptors are left: never the end of the loop.
                Log.AcceptFailed(_logger, e.Message);
                _stop.Token.WaitHandle.WaitOne(e is UnauthorizedAccessException ? 0 : RetryMs);
                Replace();
            }
        }
    }

    private void Accept()
    {
        if (OperatingSystem.IsWindows())
        {
            _next.WaitForConnectionAsync(_stop.Token).GetAwaiter().GetResult();
        }
        else
        {
            _next.WaitForConnection();
        }

        if (_stop.IsCancellationRequested)
        {
            return;
        }

        // There is always one more instance: with the last one, the endpoint would vanish for a moment.
        var connected = _next;
        _next = Create(Usual);
        _accepted(OperatingSystem.IsWindows() ? new WindowsPipeLink(connected) : new UnixPipeLink(connected));
    }

    private void Replace()
    {
        try
        {
            var failed = _next;
            _next = Create(Usual);
            failed.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.AcceptFailed(_logger, e.Message);
        }
    }

    /// <summary>A blocked accept on a socket ends when somebody connects.</summary>
    private void KnockOnUnix()
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(_endpoint));
        }
        catch (SocketException)
        {
            // The socket file is gone, so nobody can knock: closing the instance is what is left.
            _next.Dispose();
        }
    }
}
