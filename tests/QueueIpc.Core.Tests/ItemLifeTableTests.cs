using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

/// <summary>
/// The life of an item as a table: its state, what happens, its state after that. In every state the item has been
/// leased before, so that there is a token, which is stale wherever the item is not HELD.
/// </summary>
public sealed class ItemLifeTableTests
{
    private const long LeaseTime = 100;
    private const long Delay = 200;

    // A dash: nothing changes, nobody is told anything, and a verb that takes a token says false.
    // What is gone was TAKEN, by a consumer, or DROPPED, without one.
    private const string Table =
        """
                              READY    DELAYED  HELD     DEAD     GONE
        Get                   HELD     -        -        -        -
        Lease                 HELD     -        -        -        -
        SubscriptionOpens     HELD     -        -        -        -
        Peek                  -        -        -        -        -
        Ack                   -        -        TAKEN    -        -
        Nack                  -        -        READY    -        -
        NackOnceTooOften      -        -        DEAD     -        -
        NackWithDelay         -        -        DELAYED  -        -
        NackDelayTooOften     -        -        DEAD     -        -
        Release               -        -        READY    -        -
        Extend                -        -        HELD     -        -
        DeadLetter            -        -        DEAD     -        -
        AckByAnother          -        -        -        -        -
        NackByAnother         -        -        -        -        -
        ReleaseByAnother      -        -        -        -        -
        ExtendByAnother       -        -        -        -        -
        DeadLetterByAnother   -        -        -        -        -
        TickTooEarly          -        -        -        -        -
        TickWhenDue           -        READY    READY    -        -
        TickOnceTooOften      -        READY    DEAD     -        -
        HolderCrashes         -        -        READY    -        -
        HolderCrashesTooOften -        -        DEAD     -        -
        HolderCloses          -        -        READY    -        -
        AnotherCrashes        -        -        -        -        -
        Clear                 DROPPED  -        -        -        -
        Redrive               -        -        -        READY    -
        DeleteDead            -        -        -        DROPPED  -
        Complete              -        -        -        -        -
        CompleteAndDiscard    DROPPED  DROPPED  -        -        -
        Delete                DROPPED  DROPPED  DROPPED  DROPPED  -
        """;

    private static readonly Dictionary<string, Func<Scene, bool>> Events = new()
    {
        ["Get"] = scene => scene.Get(lease: false),
        ["Lease"] = scene => scene.Get(lease: true),
        ["SubscriptionOpens"] = scene => scene.Subscribe(),
        ["Peek"] = scene => scene.Do(machine => machine.TryPeek(out _)),
        ["Ack"] = scene => scene.Machine.Ack(scene.Holder, scene.Token, Scene.Now),
        ["Nack"] = scene => scene.Machine.Nack(scene.Holder, scene.Token, delay: 0, Scene.Now),
        ["NackOnceTooOften"] = scene => scene.Machine.Nack(scene.Holder, scene.Token, delay: 0, Scene.Now),
        ["NackWithDelay"] = scene => scene.Machine.Nack(scene.Holder, scene.Token, Delay, Scene.Now),
        ["NackDelayTooOften"] = scene => scene.Machine.Nack(scene.Holder, scene.Token, Delay, Scene.Now),
        ["Release"] = scene => scene.Machine.Release(scene.Holder, scene.Token, Scene.Now),
        ["Extend"] = scene => scene.Machine.Extend(scene.Holder, scene.Token, 2 * LeaseTime, Scene.Now),
        ["DeadLetter"] = scene => scene.Machine.DeadLetter(scene.Holder, scene.Token, "no good", Scene.Now),
        ["AckByAnother"] = scene => scene.Machine.Ack(scene.Another, scene.Token, Scene.Now),
        ["NackByAnother"] = scene => scene.Machine.Nack(scene.Another, scene.Token, Delay, Scene.Now),
        ["ReleaseByAnother"] = scene => scene.Machine.Release(scene.Another, scene.Token, Scene.Now),
        ["ExtendByAnother"] = scene => scene.Machine.Extend(scene.Another, scene.Token, 2 * LeaseTime, Scene.Now),
        ["DeadLetterByAnother"] = scene => scene.Machine.DeadLetter(scene.Another, scene.Token, "no good", Scene.Now),
        ["TickTooEarly"] = scene => scene.Do(machine => machine.Tick(Scene.Now + LeaseTime - 1)),
        ["TickWhenDue"] = scene => scene.Do(machine => machine.Tick(Scene.Now + Delay)),
        ["TickOnceTooOften"] = scene => scene.Do(machine => machine.Tick(Scene.Now + Delay)),
        ["HolderCrashes"] = scene => scene.Do(machine => machine.Detach(scene.Holder, failed: true, Scene.Now)),
        ["HolderCrashesTooOften"] = scene => scene.Do(machine => machine.Detach(scene.Holder, failed: true, Scene.Now)),
        ["HolderCloses"] = scene => scene.Do(machine => machine.Detach(scene.Holder, failed: false, Scene.Now)),
        ["AnotherCrashes"] = scene => scene.Do(machine => machine.Detach(scene.Another, failed: true, Scene.Now)),
        ["Clear"] = scene => scene.Machine.Clear(Scene.Now) > 0,
        ["Redrive"] = scene => scene.Machine.Redrive(Scene.Now) > 0,
        ["DeleteDead"] = scene => scene.Machine.DeleteDead(Scene.Now) > 0,
        ["Complete"] = scene => scene.Do(machine => machine.Complete(discard: false, Scene.Now)),
        ["CompleteAndDiscard"] = scene => scene.Do(machine => machine.Complete(discard: true, Scene.Now)),
        ["Delete"] = scene => scene.Do(machine => machine.Delete()),
    };

    public static TheoryData<string, string, string> Cells()
    {
        var cells = new TheoryData<string, string, string>();
        var lines = Table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        foreach (var line in lines[1..])
        {
            for (var column = 1; column < line.Length; column++)
            {
                cells.Add(line[0], lines[0][column - 1], line[column]);
            }
        }

        return cells;
    }

    [Fact]
    public void Table_EveryEventInEveryState_HasExactlyOneCell()
    {
        var every = Events.Keys.SelectMany(what => Enum.GetNames<ItemState>().Select(state => $"{what} {state.ToUpperInvariant()}"));

        var cells = Cells().Select(cell => $"{cell.Data.Item1} {cell.Data.Item2}");

        Assert.Equal(every, cells);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Event_InState_LeadsToState(string what, string state, string then)
    {
        var scene = new Scene(Enum.Parse<ItemState>(state, ignoreCase: true), isLastFailure: what.EndsWith("TooOften", StringComparison.Ordinal));
        var before = scene.Observe();

        var done = Events[what](scene);

        var after = scene.Observe();
        if (then == "-")
        {
            Assert.Equal(before, after with { IsClosed = false, IsCompleted = false, WaitingGets = 0 });
            Assert.DoesNotContain(scene.Machine.Effects, effect => effect.Kind == EffectKind.Delivered);
            Assert.True(scene.IsVoid || !done, "It is said to be done, and it is not");
        }
        else
        {
            Assert.Equal(then, NameOf(before, after));
            Assert.True(done);
        }
    }

    private static string NameOf(QueueCounts before, QueueCounts after) => after switch
    {
        { Ready: 1 } => "READY",
        { Delayed: 1 } => "DELAYED",
        { Held: 1 } => "HELD",
        { Dead: 1 } => "DEAD",
        _ when after.TotalTaken > before.TotalTaken => "TAKEN",
        _ when after.TotalDropped > before.TotalDropped => "DROPPED",
        _ => "lost",
    };

    /// <summary>A queue with one item in the state that is wanted, and two clients: one that had the item, and one that had not.</summary>
    private sealed class Scene
    {
        public const long Now = 1000;

        public Scene(ItemState state, bool isLastFailure)
        {
            var failuresBefore = state == ItemState.Delayed ? 1 : 0;
            Machine = new QueueMachine(
                new QueueSettings { LeaseTime = LeaseTime, MaxFailures = isLastFailure ? failuresBefore + 1 : 5 }, new Memory());
            Holder = Machine.Attach("holder");
            Another = Machine.Attach("another");
            Machine.Put(Another, 1, Batches.OfBytes(1), Now, Now);
            Machine.Get(Holder, 2, lease: true, maxItems: 1, Now, Now);
            Token = Machine.Effects[^1].Token;
            Assert.True(state switch
            {
                ItemState.Held => true,
                ItemState.Ready => Machine.Release(Holder, Token, Now),
                ItemState.Delayed => Machine.Nack(Holder, Token, Delay, Now),
                ItemState.Dead => Machine.DeadLetter(Holder, Token, "no good", Now),
                _ => Machine.Ack(Holder, Token, Now),
            });
            Machine.ClearEffects();
        }

        public QueueMachine Machine { get; }

        public Attachment Holder { get; }

        public Attachment Another { get; }

        public ulong Token { get; }

        /// <summary>Whether what was done has no answer that could say that it was in vain.</summary>
        public bool IsVoid { get; private set; }

        public QueueCounts Observe() => Machine.Count(Now);

        public bool Do(Action<QueueMachine> act)
        {
            act(Machine);
            return IsVoid = true;
        }

        public bool Get(bool lease) => Do(machine => machine.Get(Another, 3, lease, maxItems: 1, Now, Now));

        public bool Subscribe() => Do(machine => machine.Subscribe(Another, 3, lease: true, windowItems: 1, windowBytes: 1, Now));
    }
}
