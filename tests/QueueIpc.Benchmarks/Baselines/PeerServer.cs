using System.Diagnostics;
using System.Net.Sockets;

namespace QueueIpc.Benchmarks;

/// <summary>Somebody else's server, started here in a folder of its own; it listens on a Unix socket there, and both are gone afterwards.</summary>
internal sealed class PeerServer : IDisposable
{
    /// <summary>However this process ends, its end of the pipe is closed then: nothing is left behind.</summary>
    private const string ServeUntilTold = "\"$@\" & read _; kill $!; wait; rm -r \"$0\"";

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private PeerServer(Process process, string socketPath) => (_process, SocketPath) = (process, socketPath);

    public string SocketPath { get; }

    /// <summary>Starts it with the arguments that are right for its folder and its socket.</summary>
    public static PeerServer Start(string program, Func<string, string, string[]> arguments)
    {
        var folder = Directory.CreateTempSubdirectory("queueipc-bench-").FullName;
        var path = Path.Combine(folder, "socket");
        var server = new PeerServer(
            Process.Start(new ProcessStartInfo("sh", ["-c", ServeUntilTold, folder, program, .. arguments(folder, path)]) { RedirectStandardInput = true, RedirectStandardOutput = true })!,
            path);
        var begun = Stopwatch.GetTimestamp();
        while (!File.Exists(path))
        {
            if (Stopwatch.GetElapsedTime(begun) > StartMax)
            {
                server.Dispose();
                throw new TimeoutException($"{program} did not listen within {StartMax.TotalSeconds} s");
            }

            Thread.Yield();
        }

        return server;
    }

    public static NetworkStream Connect(string socketPath)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        return new NetworkStream(socket, ownsSocket: true);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
