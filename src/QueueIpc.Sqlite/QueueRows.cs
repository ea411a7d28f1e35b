using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>
/// What one queue has on the disk, without the items' bytes: it turns changes into rows. Items live in runs; one that gets a fate of its own (it failed,
/// waits for its time, or is dead) moves to a row of its own, and its place in the run is gone.
/// </summary>
internal sealed class QueueRows(long id, string name, QueueSettings settings)
{
    /// <summary>A run that is larger gains nothing, and what is together in one commit goes into one run up to here.</summary>
    private const int RunBytesMax = 64 * 1024;

    /// <summary>When so many bytes behind it are gone, what is left of an old run moves, and its space is free.</summary>
    private const long LeftBehindBytes = 4 * 1024 * 1024;

    private readonly List<Run> _runs = [];
    private readonly HashSet<long> _items = [];
    private readonly List<Run> _behind = [];

    /// <summary>Whose numbers have changed; null is who was forgotten.</summary>
    private readonly Dictionary<Guid, StoredProducer?> _producers = [];

    /// <summary>The runs of which something is gone and something is left, oldest first.</summary>
    private readonly SortedSet<Run> _partly = new(Comparer<Run>.Create((one, other) => one.Sequence.CompareTo(other.Sequence)));

    private Run? _open;
    private int _goneRuns;
    private long _wastedBytes;
    private bool _stateChanged;

    public long Id { get; } = id;

    public string Name { get; } = name;

    public QueueSettings Settings { get; private set; } = settings;

    public bool IsClosed { get; set; }

    public bool IsDiscarding { get; set; }

    public long LastSequence { get; set; }

    public long Dropped { get; set; }

    /// <summary>
    /// The oldest run of those that keep space for little that is left in them, when all of them together keep much. The newest is no such run: its items
    /// are being taken. Null if there is none.
    /// </summary>
    public Run? LeftBehind => _partly.Count > 1 && _wastedBytes - _partly.Max!.GoneBytes > LeftBehindBytes && _partly.Min is { Pieces: null } oldest ? oldest : null;

    public void Found(Run run)
    {
        _runs.Add(run);
        if (run.GoneCount > 0)
        {
            _partly.Add(run);
            _wastedBytes += run.GoneBytes;
        }
    }

    /// <summary>It stays as it is.</summary>
    public void Leave(Run run)
    {
        if (_partly.Remove(run))
        {
            _wastedBytes -= run.GoneBytes;
        }
    }

    public void FoundItem(long sequence) => _items.Add(sequence);

    /// <summary>The last number that a run has.</summary>
    public long LastRun => _runs.Count == 0 ? 0 : _runs[^1].End - 1;

    /// <summary>Whether there are rows of single items.</summary>
    public bool HasItems => _items.Count > 0;

    /// <summary>The runs in which items of these numbers are left.</summary>
    public IEnumerable<Run> RunsOf(long first, long last)
    {
        for (var at = IndexOf(first); at < _runs.Count && _runs[at].Sequence <= last; at++)
        {
            if (!_runs[at].IsGone)
            {
                yield return _runs[at];
            }
        }
    }

    /// <summary>Adds what is to be written to <paramref name="plan"/>; answers how many bytes of items are among it.</summary>
    public int Plan(in Change change, List<RowChange> plan, Func<long> newRunId, long now)
    {
        switch (change.Kind)
        {
            case ChangeKind.Accepted:
                Accept(change.Items, plan, newRunId);
                return change.Items.PackedBytes;
            case ChangeKind.Taken:
                Remove(change.Sequence, change.Count, plan);
                return 0;
            case ChangeKind.Dropped:
                Dropped += change.Count;
                _stateChanged = true;
                Remove(change.Sequence, change.Count, plan);
                return 0;
            case ChangeKind.Returned or ChangeKind.Delayed or ChangeKind.Died:
                var delay = change.Kind == ChangeKind.Delayed ? Math.Max(0, change.At - now) : 0;
                return GiveFate(new StoredItem(change.Kind, change.Item, change.At, change.Reason), delay, plan);
            case ChangeKind.Numbered or ChangeKind.Forgotten:
                _producers[change.Producer!.Id] = change.Kind == ChangeKind.Numbered ? change.Producer : null;
                return 0;
            case ChangeKind.Completed or ChangeKind.Discarded:
                (IsClosed, IsDiscarding, _stateChanged) = (true, IsDiscarding || change.Kind == ChangeKind.Discarded, true);
                return 0;
            default:
                (Settings, _stateChanged) = (change.Settings!, true);
                return 0;
        }
    }

    /// <summary>What is left of a run moves to rows of its own, so that the run can go.</summary>
    public void PlanMove(Run run, IEnumerable<StoredItem> left, List<RowChange> plan)
    {
        foreach (var item in left)
        {
            _items.Add(item.Item.Sequence);
            plan.Add(new RowChange(RowKind.Item, this, Item: item));
        }

        MarkGone(run, 0, run.Count, plan);
    }

    /// <summary>The end of a commit: how far runs are gone, and the queue's own row if it is not what it was.</summary>
    public void PlanRest(List<RowChange> plan)
    {
        foreach (var run in _behind)
        {
            run.IsBehind = false;
            if (!run.IsGone)
            {
                plan.Add(new RowChange(RowKind.Progress, this, run));
            }
        }

        foreach (var (id, producer) in _producers)
        {
            plan.Add(new RowChange(producer is null ? RowKind.ProducerGone : RowKind.Producer, this, Producer: producer ?? new StoredProducer(id, 0, [], 0)));
        }

        _producers.Clear();
        _behind.Clear();
        _open = null;
        if (_stateChanged)
        {
            _stateChanged = false;
            plan.Add(new RowChange(RowKind.QueueState, this));
        }
    }

    /// <summary>The queue is gone with all that it has.</summary>
    public void PlanEnd(List<RowChange> plan)
    {
        foreach (var run in _runs.Where(run => !run.IsGone))
        {
            plan.Add(new RowChange(RowKind.RunGone, this, run));
        }

        plan.Add(new RowChange(RowKind.QueueGone, this));
        _runs.Clear();
        _items.Clear();
        _behind.Clear();
        _producers.Clear();
        _partly.Clear();
        _open = null;
        _stateChanged = false;
        _goneRuns = 0;
        _wastedBytes = 0;
    }

    private void Accept(in ItemRun items, List<RowChange> plan, Func<long> newRunId)
    {
        LastSequence = items.First.Sequence + items.Count - 1;
        if (_open is null || _open.Bytes + items.PackedBytes > RunBytesMax)
        {
            _open = new Run(newRunId(), items.First.Sequence) { PutAt = items.First.PutAt, Pieces = [] };
            _runs.Add(_open);
            plan.Add(new RowChange(RowKind.Run, this, _open));
        }

        _open.Pieces!.Add(items);
        _open.Count += items.Count;
        _open.Bytes += items.PackedBytes;
    }

    private void Remove(long sequence, int count, List<RowChange> plan)
    {
        var end = sequence + count;
        if (_items.Count > 0)
        {
            IEnumerable<long> rows = _items.Count < count
                ? _items.Where(one => one >= sequence && one < end).ToArray()
                : Enumerable.Range(0, count).Select(place => sequence + place).Where(_items.Contains).ToArray();
            foreach (var one in rows)
            {
                _items.Remove(one);
                plan.Add(new RowChange(RowKind.ItemGone, this, Sequence: one));
            }
        }

        for (var at = IndexOf(sequence); at < _runs.Count && _runs[at].Sequence < end; at++)
        {
            var run = _runs[at];
            MarkGone(run, (int)Math.Max(0, sequence - run.Sequence), (int)Math.Min(run.Count, end - run.Sequence), plan);
        }

        ForgetGone();
    }

    private int GiveFate(in StoredItem item, long delay, List<RowChange> plan)
    {
        var sequence = item.Item.Sequence;
        if (!_items.Add(sequence))
        {
            plan.Add(new RowChange(RowKind.ItemFate, this, Item: item, DelayMicros: delay));
            return 0;
        }

        plan.Add(new RowChange(RowKind.Item, this, Item: item, DelayMicros: delay));
        var at = IndexOf(sequence);
        MarkGone(_runs[at], (int)(sequence - _runs[at].Sequence), (int)(sequence - _runs[at].Sequence) + 1, plan);
        ForgetGone();
        return item.Item.StoredBytes;
    }

    private void MarkGone(Run run, int start, int end, List<RowChange> plan)
    {
        var goneBefore = run.GoneBytes;
        if (end <= start || (run.Gone ??= new()).Add(start, end) == 0)
        {
            return;
        }

        if (run == _open)
        {
            // What was not written yet could be left out; it is rare, and written all the same.
            _open = null;
        }

        if (run.IsGone)
        {
            _goneRuns++;
            if (_partly.Remove(run))
            {
                _wastedBytes -= goneBefore;
            }

            // The last run of all says how far the numbers have come; without it the queue's row does.
            _stateChanged |= run.End > LastSequence;
            plan.Add(new RowChange(RowKind.RunGone, this, run));
        }
        else
        {
            _wastedBytes += run.GoneBytes - (_partly.Add(run) ? 0 : goneBefore);
            if (!run.IsBehind)
            {
                run.IsBehind = true;
                _behind.Add(run);
            }
        }
    }

    private void ForgetGone()
    {
        if (_goneRuns > 64 && _goneRuns > _runs.Count / 2)
        {
            _runs.RemoveAll(run => run.IsGone);
            _goneRuns = 0;
        }
    }

    /// <summary>The run that has this number, or the first behind it.</summary>
    private int IndexOf(long sequence)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].End <= sequence)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
