namespace QueueIpc.Core;

/// <summary>
/// A queue that is kept on a disk has only what is near its head in memory. What it needs next it asks for with <see cref="TryAsk"/>, and gets with
/// <see cref="Arrive"/>. Until then that is ready, and nobody can have it yet.
/// </summary>
internal sealed partial class QueueMachine
{
    /// <summary>What a run costs in memory whose bytes are on the disk alone.</summary>
    public const int AwayRunBytes = 128;

    /// <summary>Where memory is short, so much is read at a time: about a row of the disk.</summary>
    private const long ScarceBytes = 64 * 1024;

    private readonly FarItems _far = new();
    private Reading _asked;
    private int _askedRuns;
    private bool _isPeeked;

    /// <summary>Gets that wait beyond their time, because something is ready and on its way.</summary>
    private int _overdue;

    /// <summary>Memory of what was accepted since <see cref="ClearChanges"/> and is not needed any more as soon as it is kept. It is the caller's to give back.</summary>
    public long PutAwayBytes { get; private set; }

    /// <summary>Whether an item is ready, and its bytes are on the disk alone.</summary>
    public bool IsAway(long sequence) => _far.HasAway(sequence);

    /// <summary>What can be delivered at once.</summary>
    private int Here => _fresh.Count + _returned.Count;

    /// <summary>Whether something should be read now. To be called after everything else, and carried out behind the changes.</summary>
    public bool TryAsk(out Reading reading)
    {
        reading = default;
        if (near is null || _far.Count == 0 || _askedRuns > 0 || BytesToAsk(near) is not (> 0 and var bytes))
        {
            return false;
        }

        reading = _asked = _far.Next(bytes, out _askedRuns);
        return true;
    }

    /// <summary>What was asked for is here: exactly those items, in their order.</summary>
    public void Arrive(in Reading reading, IReadOnlyList<ItemRun> runs, long now)
    {
        if (_askedRuns == 0 || reading != _asked)
        {
            return; // It was cleared meanwhile.
        }

        foreach (var run in runs)
        {
            budget.Take(MemoryFor(run.Items));
            _fresh.Enqueue(run);
        }

        for (; _askedRuns > 0; _askedRuns--)
        {
            _far.Dequeue();
            budget.GiveBack(AwayRunBytes);
        }

        while (_far.Count > 0 && _far.First.IsHere)
        {
            _fresh.Enqueue(_far.Dequeue());
        }

        _isPeeked = false;
        Balance(now);
    }

    private long BytesToAsk(Nearness near) => budget.IsScarce
        ? Here == 0 && (_gets.Count > 0 || _isPeeked) ? ScarceBytes : 0
        : _fresh.PackedBytes <= near.AheadBytes / 2 ? near.AheadBytes - _fresh.PackedBytes : 0;

    /// <summary>Behind all that is there, with its bytes or without.</summary>
    private void EnqueueLast(in ItemRun run, bool isKept)
    {
        if (isKept && _far.Count == 0)
        {
            _fresh.Enqueue(run);
        }
        else
        {
            _far.Enqueue(isKept ? run : run.WithoutBytes());
        }
    }

    private bool Keeps(in ItemRun run) => near is null
        || (Ready == 0 && _gets.Count > 0)
        || (!budget.IsScarce && _fresh.PackedBytes + _far.BytesHere + run.PackedBytes <= near.KeptBytes);

    private void DropFar()
    {
        while (_far.Count > 0)
        {
            Drop(_far.Dequeue());
        }

        (_askedRuns, _isPeeked) = (0, false);
    }

    /// <summary>Its time is over, and the queue is not empty: it has its place until what it waits for is here.</summary>
    private void BecomeOverdue(Waiter get)
    {
        get.IsOverdue = true;
        _overdue++;
    }

    /// <summary>Now the queue is empty.</summary>
    private void AnswerOverdue()
    {
        for (var get = _gets.First; get is not null && _overdue > 0;)
        {
            var next = get.Next;
            if (get.IsOverdue)
            {
                Answer(get, EffectKind.Empty);
            }

            get = next;
        }
    }
}
