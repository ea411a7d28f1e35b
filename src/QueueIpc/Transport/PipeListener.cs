using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace QueueIpc.Transport;

/// <summary>Accepts connections at an endpoint, for this user only, on a thread of its own.</summary>
internal sealed class PipeListener : IDisposable
{
    /// <summary>After a failure that has to do with the whole machine (no file descriptors, say), the next try waits so long.</summary>
    private const int RetryMs = 50;

    /// <summary>So often it is looked whether clients still find the pipe (Unix).</summary>
    private const int LookMs = 2000;

    private readonly string _endpoint;
    private readonly Action<ILink, bool> _accepted;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly EndpointLock? _lock;
    private readonly Thread _thread;
    private NamedPipeServerStream _next;

    /// <param name="endpoint">Where to listen.</param>
    /// <param name="accepted">Gets each connection, and whether this process has no file descriptor to spare for it.</param>
    /// <param name="logger">For what goes wrong.</param>
    public PipeListener(string endpoint, Action<ILink, bool> accepted, ILogger logger)
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
            _next = CreateFirstOnUnix(_lock);
        }

        _thread = BackgroundThread.Start("QueueIpc accept", Run);
    }

    /// <summary>Accepts nobody any more. Connections made before go on.</summary>
    public void StopAccepting()
    {
        _stop.Cancel();
        _thread.Join();
        if (!OperatingSystem.IsWindows())
        {
            _lock?.Withdraw();
        }
    }

    /// <summary>Gives the endpoint up. Only when all connections are closed: the last of them closes the socket that listens.</summary>
    public void Dispose()
    {
        _next.Dispose();
        if (!OperatingSystem.IsWindows())
        {
            _lock?.Dispose();
        }

        _stop.Dispose();
    }

    [UnsupportedOSPlatform("windows")]
    private NamedPipeServerStream CreateFirstOnUnix(EndpointLock right)
    {
        NamedPipeServerStream? first = null;
        try
        {
            first = CreateOnUnix(right);
            right.Publish();
            return first;
        }
        catch
        {
            first?.Dispose();
            right.Dispose();
            throw;
        }
    }

    /// <summary>One more instance. The first one on Unix makes the socket, all others share it.</summary>
    private NamedPipeServerStream Create() => OperatingSystem.IsWindows() ? WindowsPipe.Create(_endpoint, isFirst: false) : CreateOnUnix(_lock!);

    [UnsupportedOSPlatform("windows")]
    private NamedPipeServerStream CreateOnUnix(EndpointLock right)
    {
        try
        {
            return new NamedPipeServerStream(
                right.UnpublishedPath, PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances,
                PipeTransmissionMode.Byte, PipeOptions.CurrentUserOnly, Link.BufferBytes, Link.BufferBytes);
        }
        catch (SocketException e)
        {
            throw new IOException($"The pipe '{_endpoint}' could not be made: {e.Message}.", e);
        }
    }

    [SupportedOSPlatform("windows")]
    private NamedPipeServerStream CreateFirstOnWindows()
    {
        try
        {
            return WindowsPipe.Create(_endpoint, isFirst: true);
        }
        catch (IOException e)
        {
            throw new IOException(
                $"'{_endpoint}' cannot be served: most likely another broker does so already. Connect to it, or start this one under another name. {e.Message}", e);
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
        using var renew = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var connecting = _next.WaitForConnectionAsync(renew.Token);
        while (Task.WaitAny([connecting], OperatingSystem.IsWindows() ? Timeout.Infinite : LookMs, _stop.Token) < 0)
        {
            if (!OperatingSystem.IsWindows() && _lock!.IsWithdrawn)
            {
                // Whoever cleans up old temporary files took the pipe's for one. No client finds it then.
                renew.Cancel();
                Renew(_lock);
                return;
            }
        }

        connecting.GetAwaiter().GetResult();
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        // There is always one more instance: with the last one, the endpoint would vanish for a moment.
        var connected = _next;
        _next = Create();
        if (OperatingSystem.IsWindows())
        {
            _accepted(new WindowsPipeLink(connected), false);
        }
        else
        {
            _accepted(new UnixPipeLink(connected), FileDescriptors.AreShort(connected.SafePipeHandle));
        }
    }

    /// <summary>A new socket in the place of the one that was deleted. Connections go on.</summary>
    [UnsupportedOSPlatform("windows")]
    private void Renew(EndpointLock right)
    {
        PipeDirectory.Ensure();
        if (!right.TryBeginAnew())
        {
            // Another broker has the name by now.
            _stop.Token.WaitHandle.WaitOne(LookMs);
            return;
        }

        var unseen = _next;
        _next = CreateOnUnix(right);
        right.Publish();
        unseen.Dispose();
        Log.PipePutBack(_logger, _endpoint);
    }

    private void Replace()
    {
        try
        {
            var failed = _next;
            _next = Create();
            failed.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.AcceptFailed(_logger, e.Message);
        }
    }
}
