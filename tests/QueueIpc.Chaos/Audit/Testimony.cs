using QueueIpc.Chaos.Faults;
using QueueIpc.Chaos.Ledger;

namespace QueueIpc.Chaos.Audit;

/// <summary>All ledgers of a run, put together.</summary>
internal sealed class Testimony
{
    private readonly Dictionary<int, Dictionary<int, Item>> _items = [];
    private readonly Evidence _evidence;

    public Testimony(IReadOnlyList<Life> lives, Evidence evidence)
    {
        _evidence = evidence;
        foreach (var life in lives.Where(life => life.Kind == RoleKind.Producer))
        {
            ReadProducer(life);
        }

        foreach (var life in lives.Where(life => life.Kind != RoleKind.Producer))
        {
            ReadConsumer(life);
        }

        foreach (var item in Items)
        {
            item.Holdings.Sort((one, other) => one.SentBefore.CompareTo(other.SentBefore));
        }
    }

    public IEnumerable<Item> Items => _items.Values.SelectMany(items => items.Values);

    public List<Sitting> Sittings { get; } = [];

    public int Cuts { get; private set; }

    private void ReadProducer(Life life)
    {
        var items = _items[life.Orders.Life] = [];
        foreach (var entry in LedgerReader.Read(life.Orders.Ledger))
        {
            switch (entry.Act)
            {
                case Act.Attempt:
                    items.Add(entry.Index, new Item(entry.Producer, entry.Index, entry.Queue, entry.Connection, entry.At));
                    break;
                case Act.Accepted:
                    items[entry.Index].AcceptedAt = entry.At;
                    break;
                case Act.Refused:
                    items[entry.Index].IsRefused = true;
                    break;
                case Act.Cutting:
                    Cuts++;
                    break;
            }
        }
    }

    private void ReadConsumer(Life life)
    {
        Sitting? sitting = null;
        var here = new Dictionary<(int, int), Holding>();
        var cutAt = long.MaxValue;
        var last = default(Entry);
        foreach (var entry in LedgerReader.Read(life.Orders.Ledger))
        {
            switch (entry.Act)
            {
                case Act.Began:
                    sitting = new Sitting(life, entry.Connection, entry.At) { FaultAt = cutAt };
                    Sittings.Add(sitting);
                    here.Clear();
                    break;
                case Act.Cutting:
                    Cuts++;
                    sitting!.FaultAt = cutAt = entry.At;
                    break;
                case Act.Broken:
                    cutAt = long.MaxValue;
                    break;
                case Act.Leaving:
                    sitting!.LeftAt = entry.At;
                    break;
                case Act.Getting:
                    sitting!.IsOneByOne = true;
                    break;
                case Act.Seen:
                    See(entry, sitting!, here, wasRecalledBefore: last.Act == Act.Recalled);
                    break;
                case Act.Recalled:
                    sitting!.Recalls.Add(entry.At);
                    if (last.Act == Act.Seen && sitting.Holdings is [.., var unpacked])
                    {
                        unpacked.RecalledAt = entry.At;
                    }

                    break;
                case Act.Got or Act.Acking or Act.Acked or Act.AckedSoon or Act.GivingBack or Act.LeaseLost:
                    Advance(entry, here);
                    break;
            }

            last = entry.Act == Act.ControlLate ? last : entry;
        }

        if (sitting is not null && life.Kill is { } kill)
        {
            sitting.FaultAt = Math.Min(sitting.FaultAt, kill.Start);
        }
    }

    private void See(in Entry entry, Sitting sitting, Dictionary<(int, int), Holding> here, bool wasRecalledBefore)
    {
        if (!_items.TryGetValue(entry.Producer, out var items) || !items.TryGetValue(entry.Index, out var item) || entry.Micros != 0 || item.Queue != sitting.Queue)
        {
            _evidence.Phantom($"{entry} was delivered to {sitting}, and never put like that");
            return;
        }

        var holding = new Holding(item, sitting, entry.At) { StateAt = entry.At, WasRecalledBefore = wasRecalledBefore };
        here[(entry.Producer, entry.Index)] = holding;
        sitting.Holdings.Add(holding);
        item.Holdings.Add(holding);
    }

    private static void Advance(in Entry entry, Dictionary<(int, int), Holding> here)
    {
        if (!here.TryGetValue((entry.Producer, entry.Index), out var holding))
        {
            return;
        }

        holding.State = entry.Act switch
        {
            Act.Got => HoldingState.Got,
            Act.Acking => HoldingState.Acking,
            Act.Acked => HoldingState.Acked,
            Act.AckedSoon => HoldingState.AckedSoon,
            Act.GivingBack => HoldingState.GivenBack,
            _ => HoldingState.LeaseLost,
        };
        holding.StateAt = entry.At;
        if (entry.Act == Act.Got && holding.Sitting.Life.Kind == RoleKind.Leaser)
        {
            holding.Failures = entry.Failures;
        }
    }
}
