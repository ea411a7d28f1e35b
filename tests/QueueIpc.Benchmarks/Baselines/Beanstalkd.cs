using System.Diagnostics;
using System.Text;

namespace QueueIpc.Benchmarks;

/// <summary>beanstalkd with its log, flushed at every change, over a Unix socket.</summary>
internal static class Beanstalkd
{
    private const int Batch = 1000;

    private static readonly byte[] PutOne = Encoding.ASCII.GetBytes($"put 0 0 60 64\r\n{new string('x', 64)}\r\n");

    public static bool IsHere { get; } = !OperatingSystem.IsWindows() && Find.OnPath("beanstalkd");

    /// <summary>The median of a put alone, in microseconds.</summary>
    public static double PutMicros(int count)
    {
        using var server = Start();
        using var connection = new Connection(server.SocketPath);
        return Statistics.MedianMicros(count, () => connection.Put(1));
    }

    /// <summary>Puts a second of as many clients as we have callers, each of whom awaits its put before the next.</summary>
    public static double PutsPerSecond(int count)
    {
        using var server = Start();
        var connections = Enumerable.Range(0, Durable.Callers).Select(_ => new Connection(server.SocketPath)).ToArray();
        var begun = Stopwatch.GetTimestamp();
        var threads = Array.ConvertAll(connections, connection => new Thread(() =>
        {
            for (var i = 0; i < count / Durable.Callers; i++)
            {
                connection.Put(1);
            }
        }));
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Array.ForEach(connections, connection => connection.Dispose());
        return count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>Items a second that are put, 1,000 under way. Nobody takes them: that would be a flush more for each.</summary>
    public static double StreamItemsPerSecond(int count)
    {
        using var server = Start();
        using var connection = new Connection(server.SocketPath);
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i += Batch)
        {
            connection.Put(Batch);
        }

        return count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static PeerServer Start() => PeerServer.Start("beanstalkd", (folder, socket) => ["-l", $"unix:{socket}", "-b", folder, "-f", "0"]);

    private sealed class Connection(string socketPath) : IDisposable
    {
        private readonly Stream _stream = PeerServer.Connect(socketPath);
        private readonly byte[] _buffer = new byte[64 * 1024];

        public void Dispose() => _stream.Dispose();

        /// <summary>Puts so many with one write, and awaits an answer for each.</summary>
        public void Put(int items)
        {
            byte[] puts = items == 1 ? PutOne : [.. Enumerable.Repeat(PutOne, items).SelectMany(put => put)];
            _stream.Write(puts);
            while (items > 0)
            {
                var answers = _buffer.AsSpan(0, _stream.Read(_buffer));
                items -= answers.IsEmpty ? throw new EndOfStreamException("beanstalkd has ended") : answers.Count((byte)'\n');
            }
        }
    }
}
