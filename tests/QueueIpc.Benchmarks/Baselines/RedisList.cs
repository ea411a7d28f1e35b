using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace QueueIpc.Benchmarks;

/// <summary>A Redis list as a queue, over a Unix socket, with the few words of its protocol that this takes. The server is started and stopped here.</summary>
internal static class RedisList
{
    private const int Batch = 1000;

    /// <summary>However this process ends, its end of the pipe is closed then: nothing is left behind.</summary>
    private const string ServeUntilTold = "redis-server \"$@\" & read _; kill $!; wait; rm -r \"$0\"";

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(10);

    public static bool IsHere { get; } = !OperatingSystem.IsWindows() && Find.OnPath("redis-server");

    /// <summary>RPUSH and BLPOP, one by one, in items a second.</summary>
    public static double NaiveItemsPerSecond(int count) => Run(count, 1);

    /// <summary>RPUSH of many and LPOP of many, in items a second.</summary>
    public static double StreamItemsPerSecond(int count) => Run(count, Batch);

    private static double Run(int count, int batch)
    {
        var folder = Directory.CreateTempSubdirectory("queueipc-bench-").FullName;
        var path = Path.Combine(folder, "redis.sock");
        using var server = Process.Start(new ProcessStartInfo("sh", ["-c", ServeUntilTold, folder, "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", folder]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            var begun = Stopwatch.GetTimestamp();
            while (!File.Exists(path))
            {
                if (Stopwatch.GetElapsedTime(begun) > StartMax)
                {
                    throw new TimeoutException($"redis-server did not listen within {StartMax.TotalSeconds} s");
                }

                Thread.Yield();
            }

            using var result = IpcQueue.Create<double>();
            using var consumer = WorkerProcess.Start(Pop, path, count, batch, result);
            using var producer = WorkerProcess.Start(Push, path, count, batch);
            var itemsPerSecond = result.Get();
            producer.WaitForExit();
            consumer.WaitForExit();
            return itemsPerSecond;
        }
        finally
        {
            server.StandardInput.Close();
            server.WaitForExit();
        }
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
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            _stream = new NetworkStream(socket, ownsSocket: true);
            _in = new BufferedStream(_stream, 64 * 1024);
        }

        /// <summary>Says how many elements the reply has, -1 for none; a number is itself.</summary>
        public int Ask(byte[] command)
        {
            _stream.Write(command);
            return ReadReply();
        }

        public void Dispose() => _stream.Dispose();

        private int ReadReply()
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
            Span<byte> buffer = stackalloc byte[256];
            while (bytes > 0)
            {
                bytes -= _in.Read(buffer[..Math.Min(bytes, buffer.Length)]);
            }
        }
    }
}
