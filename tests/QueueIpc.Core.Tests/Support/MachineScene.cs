namespace QueueIpc.Core.Tests.Support;

/// <summary>A machine with two clients, Ann and Bob, and short words for what they do; what they are told reads as a transcript.</summary>
internal sealed class MachineScene
{
    public const long Start = 1000;

    public MachineScene(QueueSettings? settings = null, Memory? memory = null, int bobMayHold = int.MaxValue, Nearness? near = null)
    {
        Machine = new QueueMachine(settings ?? new QueueSettings(), memory ?? new Memory(), remembers: near is not null, near: near);
        Ann = Machine.Attach("Ann");
        Bob = Machine.Attach("Bob", share: new ClientShare(bobMayHold));
    }

    public QueueMachine Machine { get; }

    public Attachment Ann { get; }

    public Attachment Bob { get; }

    public long Now { get; set; } = Start;

    public QueueCounts Counts => Machine.Count(Now);

    /// <summary>A scene in which so many items of one byte are ready.</summary>
    public static MachineScene WithReady(int items, QueueSettings? settings = null)
    {
        var scene = new MachineScene(settings);
        scene.Put(scene.Ann, 100, items);
        scene.Machine.ClearEffects();
        return scene;
    }

    /// <summary>Items of one byte each; with the time to wait, or for ever.</summary>
    public void Put(Attachment who, ulong request, int items = 1, long wait = Timed.Never) =>
        Machine.Put(who, request, Batches.OfBytes([.. Enumerable.Range(1, items).Select(i => (byte)i)]), Until(wait), Now);

    public void PutSizes(Attachment who, ulong request, int[] sizes, long wait = Timed.Never) =>
        Machine.Put(who, request, Batches.Of([.. sizes.Select(size => new byte[size])]), Until(wait), Now);

    public void Get(Attachment who, ulong request, int maxItems = 1, long wait = Timed.Never) =>
        Machine.Get(who, request, lease: false, maxItems, Until(wait), Now);

    public void Lease(Attachment who, ulong request, int maxItems = 1, long wait = Timed.Never) =>
        Machine.Get(who, request, lease: true, maxItems, Until(wait), Now);

    public void Subscribe(Attachment who, ulong request, int window, bool lease = false, long windowBytes = long.MaxValue, bool canReturn = false) =>
        Machine.Subscribe(who, request, lease, window, windowBytes, Now, canReturn);

    public void Join(Attachment who, ulong request, long wait = Timed.Never) => Machine.Join(who, request, Until(wait), Now);

    /// <summary>Leases the next items and forgets that they were delivered; their tokens.</summary>
    public ulong[] TakeLeases(Attachment who, int items)
    {
        Machine.ClearEffects();
        Lease(who, 200, items);
        var tokens = Machine.Effects.Singly().Select(effect => effect.Token).ToArray();
        Machine.ClearEffects();
        return tokens;
    }

    public void Tick(long after)
    {
        Now += after;
        Machine.Tick(Now);
    }

    /// <summary>What was said since the last time, one line for each item or answer.</summary>
    public string[] Told()
    {
        var told = Machine.Effects.Singly().Select(Describe).ToArray();
        Machine.ClearEffects();
        return told;
    }

    /// <summary>The sequence numbers of all that is ready, in the order in which it will be delivered.</summary>
    public long[] ReadyInOrder()
    {
        Machine.ClearEffects();
        Get(Bob, 300, maxItems: int.MaxValue, wait: 0);
        var order = Machine.Effects.Singly().Where(effect => effect.Kind == EffectKind.Delivered).Select(effect => effect.Item.Sequence).ToArray();
        Machine.ClearEffects();
        return order;
    }

    private static string Describe(Effect effect)
    {
        var who = $"{effect.To.Tag} {effect.Request}: {effect.Kind}";
        return effect.Kind == EffectKind.Delivered
            ? $"{who} {effect.Item.Sequence}"
            : effect.Count > 0 ? $"{who} {effect.Count}" : who;
    }

    private long Until(long wait) => wait == Timed.Never ? Timed.Never : Now + wait;
}
