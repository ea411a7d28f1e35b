using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

/// <summary>One good frame of every kind, some of them in several forms: of version 1 of the protocol, and of version 2 where that has another one.</summary>
internal static class EveryFrame
{
    private const uint Queue = 1;

    public static IReadOnlyList<WireFrame> OfClient { get; } =
    [
        WireFrame.Make(Op.Hello, 0, 1, write: Hello),
        WireFrame.Make(Op.Open, 0, 2, write: to => OpenAs(to, "jobs", null)),
        WireFrame.Make(Op.Open, 0, 3, write: to => OpenAs(to, "队列 2", 7)),
        WireFrame.Make(Op.Put, Queue, 4, write: to => PutItems(to, [1, 2, 3], null, [])),
        WireFrame.Make(Op.Put, Queue, 5, write: to => PutItems(to)),
        WireFrame.Make(Op.Get, Queue, 6, write: to => Wait(to, 0, 3)),
        WireFrame.Make(Op.Get, Queue, 7, FrameHeader.LeaseFlag, to => Wait(to, ProtocolLimits.Forever, 1)),
        WireFrame.Make(Op.Join, Queue, 8, write: to => to.Int64(0)),
        WireFrame.Make(Op.Subscribe, Queue, 9, write: to => Subscription(to, 2, 1000)),
        WireFrame.Make(Op.Advance, Queue, 9, write: to => Advance(to, 0, 4)),
        WireFrame.Make(Op.RejectNext, Queue, 9, write: to => to.Text("不能读")),
        WireFrame.Make(Op.Cancel, Queue, 9),
        WireFrame.Make(Op.Ack, Queue, 0, write: to => Tokens(to, 0x1_0000_0000, 0x1_0000_0001)),
        WireFrame.Make(Op.Nack, Queue, 10, write: to => Timed(to, 3_600_000_000, 0x1_0000_0002)),
        WireFrame.Make(Op.Release, Queue, 11, write: to => Tokens(to)),
        WireFrame.Make(Op.Extend, Queue, 12, write: to => Timed(to, 30_000_000, 7)),
        WireFrame.Make(Op.DeadLetter, Queue, 13, write: to => Dead(to, "hopeless", 8)),
        WireFrame.Make(Op.Info, Queue, 14),
        WireFrame.Make(Op.Peek, Queue, 15, write: to => to.Int32(2)),
        WireFrame.Make(Op.Clear, Queue, 16),
        WireFrame.Make(Op.GetDead, Queue, 17, write: to => to.Int32(100)),
        WireFrame.Make(Op.Redrive, Queue, 18),
        WireFrame.Make(Op.DeleteDead, Queue, 19),
        WireFrame.Make(Op.Complete, Queue, 20, write: to => to.Bool(true)),
        WireFrame.Make(Op.Close, Queue, 21),
        WireFrame.Make(Op.Delete, 0, 22, write: to => to.Text("jobs")),
        WireFrame.Make(Op.List, 0, 23),
        WireFrame.Make(Op.Connections, 0, 24),
        WireFrame.Make(Op.Bye, 0, 0),
    ];

    public static IReadOnlyList<WireFrame> OfBroker { get; } =
    [
        WireFrame.Make(Op.Welcome, 0, 1, write: Welcome),
        WireFrame.Make(Op.Opened, Queue, 2, write: Opened),
        .. new[] { Op.Done, Op.Full, Op.NeverFits, Op.Empty, Op.Completed, Op.Deleted, Op.Cancelled, Op.TimedOut, Op.LeaseLost }
            .Select(op => WireFrame.Make(op, Queue, 3, write: to => to.Int64(2))),
        WireFrame.Make(Op.Items, Queue, 4, FrameHeader.LeaseFlag, to => Items(to, withTokens: true, [1, 2, 3], null, [])),
        WireFrame.Make(Op.Items, Queue, 9, write: to => Items(to, withTokens: false, [], [4], null)),
        WireFrame.Make(Op.QueueInfos, Queue, 5, write: Infos),
        WireFrame.Make(Op.DeadItems, Queue, 6, write: DeadItems),
        WireFrame.Make(Op.ConnectionInfos, 0, 24, write: Connections),
        WireFrame.Make(Op.Refused, Queue, 7, write: to => Refusal(to, ErrorCode.NoSuchQueue)),
        WireFrame.Make(Op.Error, 0, 0, write: to => Refusal(to, ErrorCode.BadFrame)),
    ];

    public static IReadOnlyList<WireFrame> OfClientInVersion2 { get; } =
    [
        WireFrame.Make(Op.Hello, 0, 1, write: to => Hello(to, version: 2)),
        WireFrame.Make(Op.Open, 0, 2, write: to => OpenAs(to, "jobs", null)),
        WireFrame.Make(Op.Open, 0, 3, write: to => OpenInVersion2(to, "队列 2", 7)),
        WireFrame.Make(Op.Subscribe, Queue, 9, FrameHeader.ReturnFlag, to => Subscription(to, 2, 1000)),
        WireFrame.Make(Op.Return, Queue, 9, write: to => Return(to, 0, 0)),
        WireFrame.Make(Op.Put, Queue, 10, FrameHeader.NumberedFlag, to => NumberedPut(to, 0, 1, 1, 0, [1, 2, 3])),
        WireFrame.Make(Op.IsGone, Queue, 11, write: to => to.Int64(1)),
        WireFrame.Make(Op.Nack, Queue, 10, write: to => NackInVersion2(to, 3_600_000_000, "太冷", 0x1_0000_0002)),
        WireFrame.Make(Op.GetHeld, Queue, 14, write: to => to.Int32(2)),
        WireFrame.Make(Op.Redrive, Queue, 18, write: to => Sequences(to, null)),
        WireFrame.Make(Op.Redrive, Queue, 18, write: to => Sequences(to, [1, 2])),
        WireFrame.Make(Op.DeleteDead, Queue, 19, write: to => Sequences(to, [])),
        WireFrame.Make(Op.Update, 0, 25, write: to => Update(to, "jobs", 9)),
    ];

    public static IReadOnlyList<WireFrame> OfBrokerInVersion2 { get; } =
    [
        WireFrame.Make(Op.Welcome, 0, 1, write: to => Welcome(to, version: 2)),
        WireFrame.Make(Op.Items, Queue, 4, FrameHeader.LeaseFlag, to => Items(to, withTokens: true, version: 2, [1, 2, 3], null, [])),
        WireFrame.Make(Op.QueueInfos, Queue, 5, write: to => Infos(to, version: 2)),
        WireFrame.Make(Op.DeadItems, Queue, 6, write: to => DeadItems(to, version: 2)),
        WireFrame.Make(Op.HeldItems, Queue, 14, write: HeldItems),
        WireFrame.Make(Op.Recall, Queue, 9, write: to => to.Int64(0)),
    ];

    public static IReadOnlyList<WireFrame> All { get; } = [.. OfClient, .. OfBroker, .. OfClientInVersion2, .. OfBrokerInVersion2];

    public static byte[] AllBytes { get; } = [.. All.SelectMany(frame => frame.ToBytes())];

    public static void Hello(OutBuffer to) => Hello(to, version: 1);

    public static void Hello(OutBuffer to, ushort version)
    {
        to.UInt32(ProtocolLimits.Magic);
        to.UInt16(version);
        to.Int32(4711);
    }

    public static void OpenAs(OutBuffer to, string name, int? capacity, long maxBytes = 0)
    {
        to.Text(name);
        to.Bool(capacity is not null);
        if (capacity is not null)
        {
            to.Int32(capacity.Value);
            to.Int64(maxBytes);
            to.Int64(30_000_000);
            to.Int32(5);
        }
    }

    public static void OpenInVersion2(OutBuffer to, string name, int capacity, bool transient = false, string label = "")
    {
        OpenAs(to, name, capacity);
        to.Bool(transient);
        to.Text(label);
    }

    public static void Update(OutBuffer to, string name, int capacity, long leaseTime = 30_000_000)
    {
        to.Text(name);
        to.Int32(capacity);
        to.Int64(0);
        to.Int64(leaseTime);
        to.Int32(5);
    }

    public static void NackInVersion2(OutBuffer to, long delay, string reason, params ulong[] tokens)
    {
        to.Int64(delay);
        to.Text(reason);
        Tokens(to, tokens);
    }

    public static void Sequences(OutBuffer to, long[]? sequences)
    {
        to.Bool(sequences is not null);
        if (sequences is not null)
        {
            to.Int32(sequences.Length);
            Array.ForEach(sequences, to.Int64);
        }
    }

    public static void PutItems(OutBuffer to, params byte[]?[] items)
    {
        to.Int64(0);
        Items(to, withTokens: false, items);
    }

    public static void Wait(OutBuffer to, long waitMicros, int maxItems)
    {
        to.Int64(waitMicros);
        to.Int32(maxItems);
    }

    public static void Subscription(OutBuffer to, int window, long windowBytes)
    {
        to.Int32(window);
        to.Int64(windowBytes);
    }

    public static void NumberedPut(OutBuffer to, long wait, long number, long oldestOpen, long age, params byte[]?[] items)
    {
        to.Int64(wait);
        to.Int64(number);
        to.Int64(oldestOpen);
        to.Int64(age);
        Items(to, withTokens: false, items);
    }

    public static void Return(OutBuffer to, ulong confirmed, ulong last)
    {
        to.UInt64(confirmed);
        to.UInt64(last);
    }

    public static void Advance(OutBuffer to, ulong confirmed, int window)
    {
        to.UInt64(confirmed);
        to.Int32(window);
    }

    public static void Timed(OutBuffer to, long micros, params ulong[] tokens)
    {
        to.Int64(micros);
        Tokens(to, tokens);
    }

    public static void Dead(OutBuffer to, string reason, params ulong[] tokens)
    {
        to.Text(reason);
        Tokens(to, tokens);
    }

    public static void Tokens(OutBuffer to, params ulong[] tokens)
    {
        to.Int32(tokens.Length);
        foreach (var token in tokens)
        {
            to.UInt64(token);
        }
    }

    public static void Items(OutBuffer to, bool withTokens, params byte[]?[] items) => Items(to, withTokens, version: 1, items);

    public static void Items(OutBuffer to, bool withTokens, ushort version, params byte[]?[] items)
    {
        to.Int32(items.Length);
        var token = 0x1_0000_0000ul;
        foreach (var item in items)
        {
            if (withTokens)
            {
                to.UInt64(token++);
                to.Int32(3);
                if (version > 1)
                {
                    to.Int64(17);
                }
            }

            to.Int32(item?.Length ?? -1);
            to.Copy(item);
        }
    }

    internal static void Welcome(OutBuffer to) => Welcome(to, version: 1);

    private static void Welcome(OutBuffer to, ushort version)
    {
        to.UInt16(version);
        to.Int32(16 << 20);
        to.Int32((16 << 20) + ProtocolLimits.FrameOverheadBytesMax);
        to.Int32(4712);
        to.Copy([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    }

    private static void Opened(OutBuffer to)
    {
        to.Text("jobs");
        to.Int32(7);
        to.Int64(0);
        to.Int64(30_000_000);
        to.Int32(5);
    }

    private static void Infos(OutBuffer to) => Infos(to, version: 1);

    private static void Infos(OutBuffer to, ushort version)
    {
        to.Int32(1);
        to.Text("jobs");
        for (var i = 0; i < 5; i++)
        {
            to.Int32(i);
        }

        to.Int64(100);
        to.Int32(1);
        to.Int32(0);
        to.Int64(2_000_000);
        to.Int64(9);
        to.Int64(8);
        to.Byte(1);
        if (version > 1)
        {
            to.Text("results");
            to.Bool(true);
        }
    }

    private static void HeldItems(OutBuffer to)
    {
        to.Int32(1);
        to.Int64(17);
        to.Int32(1);
        to.Int32(3);
        to.Int64(1_000_000);
        to.Int64(29_000_000);
        to.Bool(true);
        to.Int32(4711);
        to.Text("worker");
    }

    private static void DeadItems(OutBuffer to) => DeadItems(to, version: 1);

    private static void DeadItems(OutBuffer to, ushort version)
    {
        to.Int32(2);
        for (var i = 0; i < 2; i++)
        {
            to.Int64(i);
            to.Int32(5);
            to.Int64(1_000_000);
            if (version > 1)
            {
                to.Int64(1_796_000_000_000_000);
            }

            to.Text("its consumers failed with it");
            to.Int32(i == 0 ? -1 : 2);
            to.Copy(i == 0 ? [] : [1, 2]);
        }

        if (version > 1)
        {
            to.Int32(129);
        }
    }

    private static void Connections(OutBuffer to)
    {
        to.Int32(2);
        for (var queues = 0; queues < 2; queues++)
        {
            to.Int32(4711);
            to.Text("worker");
            to.Text("ann");
            to.Int64(1_000_000);
            to.Int32(3);
            to.Int32(queues);
            if (queues == 1)
            {
                to.Text("jobs");
                for (var i = 0; i < 4; i++)
                {
                    to.Int32(i);
                }
            }
        }
    }

    private static void Refusal(OutBuffer to, ErrorCode code)
    {
        to.UInt16((ushort)code);
        to.Text("so that one knows");
    }
}
