using System.Runtime.InteropServices;
using System.Text;

namespace QueueIpc.Workers;

/// <summary>The options of a broker process, as they travel to it.</summary>
internal sealed record BrokerJob(
    string? Name, bool Detached, int MaxItemBytes, long MaxMemoryBytes, int MaxConnections, int MaxSilentConnections, int MaxQueues, int MaxOpenQueues,
    int MaxWaitsPerQueue, long MaxWaitingBytes, int MaxHeldPerQueue, long MaxUnsentBytes, long HandshakeTicks, long FrameTicks)
{
    public QueueBrokerOptions Options => new()
    {
        Name = Name,
        Detached = Detached,
        MaxItemBytes = MaxItemBytes,
        MaxMemoryBytes = MaxMemoryBytes,
        MaxConnections = MaxConnections,
        MaxSilentConnections = MaxSilentConnections,
        MaxQueues = MaxQueues,
        MaxOpenQueues = MaxOpenQueues,
        MaxWaitsPerQueue = MaxWaitsPerQueue,
        MaxWaitingBytes = MaxWaitingBytes,
        MaxHeldPerQueue = MaxHeldPerQueue,
        MaxUnsentBytes = MaxUnsentBytes,
        HandshakeTimeout = TimeSpan.FromTicks(HandshakeTicks),
        FrameTimeout = TimeSpan.FromTicks(FrameTicks),
    };

    public static BrokerJob Of(QueueBrokerOptions options) => new(
        options.Name, options.Detached, options.MaxItemBytes, options.MaxMemoryBytes, options.MaxConnections, options.MaxSilentConnections,
        options.MaxQueues, options.MaxOpenQueues, options.MaxWaitsPerQueue, options.MaxWaitingBytes, options.MaxHeldPerQueue,
        options.MaxUnsentBytes, options.HandshakeTimeout.Ticks, options.FrameTimeout.Ticks);

    public string ToText()
    {
        var bytes = new MemoryStream();
        using (var to = new BinaryWriter(bytes, Encoding.UTF8))
        {
            to.Write(Name is not null);
            to.Write(Name ?? string.Empty);
            to.Write(Detached);
            to.Write(MaxItemBytes);
            to.Write(MaxMemoryBytes);
            to.Write(MaxConnections);
            to.Write(MaxSilentConnections);
            to.Write(MaxQueues);
            to.Write(MaxOpenQueues);
            to.Write(MaxWaitsPerQueue);
            to.Write(MaxWaitingBytes);
            to.Write(MaxHeldPerQueue);
            to.Write(MaxUnsentBytes);
            to.Write(HandshakeTicks);
            to.Write(FrameTicks);
        }

        return Convert.ToBase64String(bytes.ToArray());
    }

    public static BrokerJob FromText(string text)
    {
        using var from = new BinaryReader(new MemoryStream(Convert.FromBase64String(text)), Encoding.UTF8);
        var (hasName, name) = (from.ReadBoolean(), from.ReadString());
        return new BrokerJob(
            hasName ? name : null,
            from.ReadBoolean(),
            from.ReadInt32(),
            from.ReadInt64(),
            from.ReadInt32(),
            from.ReadInt32(),
            from.ReadInt32(),
            from.ReadInt32(),
            from.ReadInt32(),
            from.ReadInt64(),
            from.ReadInt32(),
            from.ReadInt64(),
            from.ReadInt64(),
            from.ReadInt64());
    }
}

/// <summary>The life of a broker process, seen from inside: says where it listens, serves, and ends with its owner.</summary>
internal static class BrokerMain
{
    public const string ListeningPrefix = "QueueIpc endpoint ";
    public const string FailedPrefix = "QueueIpc error ";

    public static int Run(string text)
    {
        var job = BrokerJob.FromText(text);

        // Ctrl+C goes to every process of a terminal: the owner decides what it means, and its end is ours.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var hangup = job.Detached ? PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true) : null;

        // .NET 10 has no handler of its own for SIGTERM any more: without this one, clients would hear nothing and the pipe's files would stay.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Environment.Exit(WorkerMain.TerminatedExitCode);
        });
        QueueBroker broker;
        try
        {
            broker = QueueBroker.Start(job.Options with { Detached = false });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Console.Out.WriteLine($"{FailedPrefix}{e.GetType().Name} {e.Message.ReplaceLineEndings(" ")}");
            return 1;
        }

        using (broker)
        {
            if (job.Detached)
            {
                ServeDetached(broker);
            }
            else
            {
                Console.Out.WriteLine(ListeningPrefix + broker.Endpoint);
                WaitForOwnersEnd();
            }
        }

        return 0;
    }

    private static void ServeDetached(QueueBroker broker)
    {
        if (OperatingSystem.IsWindows())
        {
            Console.Out.WriteLine(ListeningPrefix + broker.Endpoint);
        }
        else
        {
            Detachment.LeaveTerminal();
            Console.Out.WriteLine(ListeningPrefix + broker.Endpoint);
            Detachment.LeaveOutput();
        }

        broker.Completion.Wait();
    }

    /// <summary>The owner holds the other end of this pipe, and never writes: its end of file is the owner's end.</summary>
    private static void WaitForOwnersEnd()
    {
        using var owner = Console.OpenStandardInput();
        Span<byte> nothing = stackalloc byte[1];
        while (owner.Read(nothing) > 0)
        {
            // Nothing is ever sent.
        }
    }
}
