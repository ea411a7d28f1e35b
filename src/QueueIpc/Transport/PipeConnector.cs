using System.IO.Pipes;
using System.Net.Sockets;

namespace QueueIpc.Transport;

/// <summary>Finds a broker's pipe, trying until it is there or the time is over.</summary>
internal static class PipeConnector
{
    private const int FirstPauseMs = 1;
    private const int LongestPauseMs = 50;

    /// <summary>Null when nobody serves the endpoint until <paramref name="deadline"/>. It is tried at least once.</summary>
    public static ILink? TryConnect(string endpoint, long deadline, CancellationToken ct)
    {
        for (var pauseMs = FirstPauseMs; ; pauseMs = Math.Min(pauseMs * 2, LongestPauseMs))
        {
            ct.ThrowIfCancellationRequested();
            if (TryOnce(endpoint) is { } link)
            {
                return link;
            }

            // NamedPipeClientStream.Connect(timeout) would spin all that time.
            var leftMs = (deadline - MonotonicClock.Now + 999) / 1000;
            if (leftMs <= 0)
            {
                return null;
            }

            ct.WaitHandle.WaitOne((int)Math.Min(pauseMs, leftMs));
        }
    }

    private static ILink? TryOnce(string endpoint)
    {
        var isWindows = OperatingSystem.IsWindows();
        var options = isWindows ? PipeOptions.CurrentUserOnly | PipeOptions.Asynchronous : PipeOptions.CurrentUserOnly;
        var pipe = new NamedPipeClientStream(".", PipeNames.PipeNameOf(endpoint), PipeDirection.InOut, options);
        try
        {
            pipe.Connect(0);
            return isWindows ? new WindowsPipeLink(pipe) : new UnixPipeLink(pipe);
        }
        catch (Exception e) when (e is TimeoutException or FileNotFoundException)
        {
            pipe.Dispose();
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            pipe.Dispose();
            throw new UnauthorizedAccessException($"The broker at '{endpoint}' belongs to another user; only its own user may connect.", e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Refused, reset, or out of descriptors: perhaps it goes better the next time.
            pipe.Dispose();
            return null;
        }
    }
}
