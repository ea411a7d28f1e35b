using Microsoft.Extensions.Logging;
using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>All queues of a broker, by name.</summary>
internal sealed class QueueRegistry : Due
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, QueueEngine> _queues = new(StringComparer.Ordinal);
    private readonly FlushList _dueTouched = new();
    private readonly IClock _clock;
    private readonly StorageBudget _budget;
    private readonly int _maxQueues;
    private readonly uint _life;
    private readonly ILogger _logger;
    private readonly IQueueStore? _store;
    private readonly IStorageBudget _durableBudget;
    private QueueTotals _ofGoneUnnamed;

    /// <summary>With a store, named queues are those that it has kept, and new ones are kept by it.</summary>
    public QueueRegistry(IClock clock, long maxMemoryBytes, int maxQueues, ILogger logger, IQueueStore? store = null, uint life = 0)
    {
        (_clock, _maxQueues, _logger, _store, _life) = (clock, maxQueues, logger, store, life);
        _budget = new StorageBudget(maxMemoryBytes, ResumeStarved);
        _durableBudget = store is null ? _budget : new DurableBudget(_budget, store);
        foreach (var stored in store?.Load() ?? [])
        {
            _queues.Add(stored.Name, new QueueEngine(stored, _durableBudget, clock, life, store!));
        }
    }

    /// <summary>Whether named queues outlive the broker, unless they are transient.</summary>
    public bool AreKept => _store is not null;

    /// <summary>There is room again, in memory or on the disk: puts that wait for it go on. By the clock's thread; the caller may hold any lock.</summary>
    public void ResumeStarved() => _clock.Schedule(this, _clock.Now);

    /// <summary>The queue of that name, made when there is none. An empty name makes a new queue with a name of its own, and a label for people.</summary>
    public QueueEngine Open(string name, QueueSettings? wanted, bool? transient = null, string label = "")
    {
        QueueEngine? queue;
        lock (_lock)
        {
            if (_queues.TryGetValue(name, out queue))
            {
                CheckSame(queue, wanted, transient);
                return queue;
            }

            queue = CreateNeedsLock(name, wanted, transient == true, label);
        }

        Log.QueueCreated(_logger, queue.Name);
        return queue;
    }

    /// <summary>Gives a queue other settings, and answers it.</summary>
    public QueueEngine Update(string name, QueueSettings settings, FlushList touched)
    {
        QueueEngine? queue;
        lock (_lock)
        {
            if (!_queues.TryGetValue(name, out queue))
            {
                throw NoSuchQueue(name);
            }
        }

        queue.Do((machine, now) => { machine.Update(settings, now); return true; }, touched);
        Log.QueueUpdated(_logger, name);
        return queue;
    }

    /// <summary>Answers the queue that was deleted.</summary>
    public QueueEngine Delete(string name, FlushList touched, out int items)
    {
        QueueEngine? queue;
        lock (_lock)
        {
            if (!_queues.Remove(name, out queue))
            {
                throw NoSuchQueue(name);
            }

            if (QueueNames.IsUnnamed(name))
            {
                _ofGoneUnnamed = _ofGoneUnnamed.Plus(queue.Observe().Totals);
            }
        }

        items = queue.Delete(touched);
        Log.QueueDeleted(_logger, name);
        return queue;
    }

    public IReadOnlyList<QueueEngine> List() => List(out _);

    /// <summary>All queues, and what unnamed ones did that are gone: those are watched as one, and what was counted once must stay counted.</summary>
    public IReadOnlyList<QueueEngine> List(out QueueTotals ofGoneUnnamed)
    {
        lock (_lock)
        {
            ofGoneUnnamed = _ofGoneUnnamed;
            return [.. _queues.Values];
        }
    }

    public override void OnDue(long now)
    {
        foreach (var queue in List())
        {
            queue.ResumeIfStarved(_dueTouched);
        }

        _dueTouched.Flush();
    }

    private static RefusedException NoSuchQueue(string name) => new(ErrorCode.NoSuchQueue, $"there is no queue '{name}' on this broker");

    private QueueEngine CreateNeedsLock(string name, QueueSettings? wanted, bool transient, string label)
    {
        if (QueueNames.IsUnnamed(name))
        {
            throw new RefusedException(ErrorCode.NoSuchQueue, $"there is no queue '{name}' any more: an unnamed queue ends with the handle that created it");
        }

        if (_queues.Count >= _maxQueues)
        {
            throw new RefusedException(ErrorCode.TooManyQueues, $"queue '{name}' cannot be created: the broker has {_maxQueues} queues, its limit");
        }

        var key = name.Length > 0 ? name : QueueNames.NewUnnamed();
        var settings = wanted ?? new QueueSettings();
        var queue = _store is not null && name.Length > 0 && !transient
            ? new QueueEngine(key, settings, _durableBudget, _clock, _life, _store)
            : new QueueEngine(key, settings, _budget, _clock, _life) { Label = label };
        _queues.Add(key, queue);
        return queue;
    }

    private void CheckSame(QueueEngine queue, QueueSettings? wanted, bool? transient)
    {
        if (wanted is null)
        {
            return;
        }

        var (mine, conflicts) = (queue.Settings, new List<string>());
        Compare("Capacity", mine.Capacity, wanted.Capacity);
        Compare("MaxBytes", mine.MaxBytes, wanted.MaxBytes);
        Compare("LeaseTime in microseconds", mine.LeaseTime, wanted.LeaseTime);
        Compare("MaxFailures", mine.MaxFailures, wanted.MaxFailures);
        if (_store is not null && transient == queue.IsDurable)
        {
            conflicts.Add($"Transient is {!queue.IsDurable}, not {transient}");
        }

        if (conflicts.Count > 0)
        {
            throw new RefusedException(ErrorCode.OptionsConflict,
                $"queue '{queue.Name}' exists with other options: {string.Join(", ", conflicts)}. Open it with the same options, or without any to take it as it is.");
        }

        void Compare(string what, long has, long wants)
        {
            if (has != wants)
            {
                conflicts.Add($"{what} is {has}, not {wants}");
            }
        }
    }
}
