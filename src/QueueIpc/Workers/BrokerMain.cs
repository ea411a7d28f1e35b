using System.Runtime.InteropServices;
using System.Text;

namespace QueueIpc.Workers;

/// <summary>The options of a broker process, as they travel to it.</summary>
internal sealed record BrokerJob(
    string? Name, bool Detached, int MaxItemBytes, long MaxMemoryBytes, int MaxConnections, int MaxSilentConnections, int MaxQueues, int MaxOpenQueues,
    int MaxWaitsPerQueue, long MaxWaitingBytes, int MaxHeldPerQueue, long MaxUnsentBytes, long HandshakeTicks, long FrameTicks,
    string? StorageType, string? StorageLocation)
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
        Storage = StorageType is null ? null : QueueStorage.Again(StorageType, StorageLocation!),
    };

    public static BrokerJob Of(QueueBrokerOptions options) => new(
        options.Name, options.Detached, options.MaxItemBytes, options.MaxMemoryBytes, options.MaxConnections, options.MaxSilentConnections,
        options.MaxQueues, options.MaxOpenQueues, options.MaxWaitsPerQueue, options.MaxWaitingBytes, options.MaxHeldPerQueue,
        options.MaxUnsentBytes, options.HandshakeTimeout.Ticks, options.FrameTimeout.Ticks,
        options.Storage?.GetType().AssemblyQualifiedName, options.Storage?.Location);

    public string ToText()
    {
        var bytes = new MemoryStream();
        using (var to = new BinaryWriter(bytes, Encoding.UTF8))
        {
            WriteNullable(to, Name);
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
            WriteNullable(to, StorageType);
            WriteNullable(to, StorageLocation);
        }

        return Convert.ToBase64String(bytes.ToArray());
    }

    public static BrokerJob FromText(string text)
    {
        using var from = new BinaryReader(new MemoryStream(Convert.FromBase64String(text)), Encoding.UTF8);
        return new BrokerJob(
            ReadNullable(from),
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
            from.ReadInt64(),
            ReadNullable(from),
            ReadNullable(from));
    }

    private static void WriteNullable(BinaryWriter to, string? text)
    {
        to.Write(text is not null);
        to.Write(text ?? string.Empty);
    }

    private static string? ReadNullable(BinaryReader from) => (from.ReadBoolean(), from.ReadString()) is (true, var text) ? text : null;
}

/// <summary>The life of a broker process, seen from inside: says where it listens, serves, and ends with its owner.</summary>
internal static class BrokerMain
{
    public const string ListeningPrefix = "QueueIpc endpoint ";
    public const string FailedPrefix = "QueueIpc error ";

    public static int Run(string text)
    {
        var job = BrokerJob.FromText(text);

        // Ctrl+C goes to every process of a terminal, and a supervisor's SIGTERM to every process of a service: the owner decides what they mean, and its end is ours.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var hangup = job.Detached ? PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true) : null;

        // Nobody else ends a detached one. .NET 10 has no handler of its own for SIGTERM any more: without this one, clients would hear nothing and the pipe's files would stay.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            if (job.Detached)
            {
                Environment.Exit(WorkerMain.TerminatedExitCode);
            }
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

        _ = broker.Completion.ContinueWith(ended => EndWith(ended.Exception!), TaskContinuationOptions.OnlyOnFaulted);
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

    /// <summary>A broker that can keep nothing any more ends by itself; its clients have been told.</summary>
    private static void EndWith(AggregateException reason)
    {
        Console.Error.WriteLine(reason.InnerException!.Message);
        Environment.Exit(1);
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
