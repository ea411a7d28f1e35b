using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace QueueIpc.Benchmarks;

/// <summary>A Redis list as a queue, over a Unix socket, with the few words of its protocol that this takes. The server is started and stopped here.</summary>
internal static class RedisList
{
    private const int Batch = 1000;

    private static readonly string[] Flushed = ["--appendonly", "yes", "--appendfsync", "always"];

    public static bool IsHere { get; } = !OperatingSystem.IsWindows() && Find.OnPath("redis-server");

    /// <summary>RPUSH and BLPOP, one by one, in items a second.</summary>
    public static double NaiveItemsPerSecond(int count) => Run(count, 1);

    /// <summary>RPUSH of many and LPOP of many, in items a second.</summary>
    public static double StreamItemsPerSecond(int count) => Run(count, Batch);

    /// <summary>The same, each command flushed before it is answered.</summary>
    public static double DurableStreamItemsPerSecond(int count) => Run(count, Batch, Flushed);

    /// <summary>The median of an RPUSH alone, flushed before it is answered, in microseconds.</summary>
    public static double DurablePutMicros(int count)
    {
        using var server = Start(Flushed);
        using var connection = new Connection(server.SocketPath);
        var command = Command(["RPUSH", "q", new string('x', 64)]);
        return Statistics.MedianMicros(count, () => connection.Ask(command));
    }

    /// <summary>RPUSHes a second of so many clients, flushed before they are answered, as Redis's own benchmark measures them.</summary>
    public static double DurablePutsPerSecond(int clients, int count)
    {
        using var server = Start(Flushed);
        using var benchmark = Process.Start(new ProcessStartInfo("redis-benchmark", ["-s", server.SocketPath, "-c", $"{clients}", "-n", $"{count}", "-d", "64", "-t", "rpush", "--csv"]) { RedirectStandardOutput = true })!;
        var figures = benchmark.StandardOutput.ReadToEnd();
        benchmark.WaitForExit();
        return double.Parse(figures.Split('\n')[1].Split(',')[1].Trim('"'), CultureInfo.InvariantCulture);
    }

    /// <summary>As <see cref="Latency.OfQueue"/>: RPUSHes whose replies a thread of their own reads, and BLPOP.</summary>
    public static double[] Latency(int perSecond, int count)
    {
        using var server = Start();
        using var result = IpcQueue.Create<double[]>();
        using var consumer = WorkerProcess.Start(Hear, server.SocketPath, count, result);
        using var producer = WorkerProcess.Start(Pace, server.SocketPath, perSecond, count);
        return result.Get();
    }

    private static void Pace(string path, int perSecond, int count)
    {
        using var connection = new Connection(path);
        var replies = new Thread(() =>
        {
            for (var i = 0; i < count; i++)
            {
                connection.ReadReply();
            }
        });
        replies.Start();
        var command = Command("RPUSH", "q", new string('x', Benchmarks.Latency.ItemBytes));
        var place = command.Length - Benchmarks.Latency.ItemBytes - 2;
        Benchmarks.Latency.AtRate(perSecond, count, item =>
        {
            item.CopyTo(command, place);
            connection.Say(command);
        });
        replies.Join();
    }

    private static void Hear(string path, int count, IpcQueue<double[]> result)
    {
        using var connection = new Connection(path);
        var pop = Command("BLPOP", "q", "0");
        result.Put(Benchmarks.Latency.Take(count, () =>
        {
            connection.Ask(pop);
            return connection.Last;
        }));
    }

    private static PeerServer Start(params string[] how) => PeerServer.Start("redis-server", (folder, socket) => ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder, .. how]);

    private static double Run(int count, int batch, params string[] how)
    {
        using var server = Start(how);
        using var result = IpcQueue.Create<double>();
        using var consumer = WorkerProcess.Start(Pop, server.SocketPath, count, batch, result);
        using var producer = WorkerProcess.Start(Push, server.SocketPath, count, batch);
        var itemsPerSecond = result.Get();
        producer.WaitForExit();
        consumer.WaitForExit();
        return itemsPerSecond;
    }

    /// <summary>At least so many items are not timed.</summary>
    private static int WarmUp(int count) => count / 5;

    private static void Push(string path, int count, int batch)
    {
        using var connection = new Connection(path);
        var command = Command(["RPUSH", "q", .. Enumerable.Repeat(new string('x', 64), batch)]);
        for (var i = 0; i < count; i += batch)
        {
            connection.Ask(command);
        }
    }

    private static void Pop(string path, int count, int batch, IpcQueue<double> result)
    {
        using var connection = new Connection(path);
        var one = Command("BLPOP", "q", "0");
        var many = Command("LPOP", "q", batch.ToString(CultureInfo.InvariantCulture));
        var seen = 0;
        TakeUntil(WarmUp(count));
        var (begun, before) = (Stopwatch.GetTimestamp(), seen);
        TakeUntil(count);
        result.Put((seen - before) / Stopwatch.GetElapsedTime(begun).TotalSeconds);

        void TakeUntil(int taken)
        {
            while (seen < taken)
            {
                // One comes behind its list's name; many are alone, and none is -1.
                seen += batch == 1 ? connection.Ask(one) - 1 : Math.Max(0, connection.Ask(many));
            }
        }
    }

    private static byte[] Command(params string[] words) =>
        Encoding.ASCII.GetBytes($"*{words.Length}\r\n{string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))}");

    private sealed class Connection : IDisposable
    {
        private readonly NetworkStream _stream;
        private readonly BufferedStream _in;

        public Connection(string path)
        {
            _stream = PeerServer.Connect(path);
            _in = new BufferedStream(_stream, 64 * 1024);
        }

        /// <summary>Says how many elements the reply has, -1 for none; a number is itself.</summary>
        public int Ask(byte[] command)
        {
            Say(command);
            return ReadReply();
        }

        public void Say(byte[] command) => _stream.Write(command);

        public void Dispose() => _stream.Dispose();

        /// <summary>The last text that was read, as far as it has a place here.</summary>
        public byte[] Last { get; } = new byte[256];

        public int ReadReply()
        {
            var (kind, number) = ReadLine();
            if (kind == '$' && number >= 0)
            {
                Skip(number + 2);
            }
            else if (kind == '*')
            {
                for (var i = 0; i < number; i++)
                {
                    ReadReply();
                }
            }

            return number;
        }

        private (int Kind, int Number) ReadLine()
        {
            var kind = _in.ReadByte();
            var (number, sign) = (0, 1);
            for (var c = _in.ReadByte(); c != '\n'; c = _in.ReadByte())
            {
                if (c == '-')
                {
                    sign = -1;
                }
                else if (char.IsAsciiDigit((char)c))
                {
                    number = (number * 10) + c - '0';
                }
            }

            return (kind, sign * number);
        }

        private void Skip(int bytes)
        {
            var place = 0;
            while (bytes > 0)
            {
                var read = _in.Read(Last, place, Math.Min(bytes, Last.Length - place));
                (bytes, place) = (bytes - read, (place + read) % Last.Length);
            }
        }
    }
}
