using System.IO.Pipes;
using System.Net.Sockets;
using System.Security.Principal;

namespace QueueIpc.Transport;

/// <summary>Finds a broker's pipe, trying until it is there or the time is over.</summary>
internal static class PipeConnector
{
    private const int FirstPauseMs = 1;
    private const int LongestPauseMs = 50;

    /// <summary>
    /// Null when nobody serves the endpoint until <paramref name="deadline"/>; <paramref name="obstacle"/> is then what was in the way, if it was more than
    /// nobody being there. It is tried at least once.
    /// </summary>
    public static ILink? TryConnect(string endpoint, long deadline, CancellationToken ct, out string? obstacle)
    {
        for (var pauseMs = FirstPauseMs; ; pauseMs = Math.Min(pauseMs * 2, LongestPauseMs))
        {
            ct.ThrowIfCancellationRequested();
            if (TryOnce(endpoint, out obstacle) is { } link)
            {
                return link;
            }

            // NamedPipeClientStream.Connect(timeout) would spin all that time.
            var leftMs = (deadline - MonotonicClock.Now + 999) / 1000;
            if (leftMs <= 0)
            {
                return null;
            }

            // Thousands may look for the same broker at the same time, and must not do so at the same moment.
            ct.WaitHandle.WaitOne((int)Math.Min(Random.Shared.Next((pauseMs + 1) / 2, pauseMs + 1), leftMs));
        }
    }

    private static ILink? TryOnce(string endpoint, out string? obstacle)
    {
        obstacle = null;
        var isWindows = OperatingSystem.IsWindows();
        var options = isWindows ? PipeOptions.CurrentUserOnly | PipeOptions.Asynchronous : PipeOptions.CurrentUserOnly;

        // Before anything is sent, CurrentUserOnly makes sure that the one who listens is this same user. Until then nobody may act in our name (Windows).
        var pipe = new NamedPipeClientStream(".", PipeNames.PipeNameOf(endpoint), PipeDirection.InOut, options, TokenImpersonationLevel.Anonymous);
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
            throw new UnauthorizedAccessException($"The pipe '{endpoint}' belongs to another user; only its own user may connect. Nothing was sent.", e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Reset, or out of descriptors: perhaps it goes better the next time.
            pipe.Dispose();
            obstacle = e.Message;
            return null;
        }
    }
}
