using Microsoft.Extensions.Logging;
using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>All queues of a broker, by name.</summary>
internal sealed class QueueRegistry : IDue
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, QueueEngine> _queues = new(StringComparer.Ordinal);
    private readonly FlushList _dueTouched = new();
    private readonly IClock _clock;
    private readonly StorageBudget _budget;
    private readonly int _maxQueues;
    private readonly ILogger _logger;

    public QueueRegistry(IClock clock, long maxMemoryBytes, int maxQueues, ILogger logger)
    {
        _logger = logger;
        _clock = clock;
        _maxQueues = maxQueues;
        _budget = new StorageBudget(maxMemoryBytes, () => clock.Schedule(this, clock.Now));
    }

    /// <summary>The queue of that name, made when there is none. An empty name makes a new queue with a name of its own.</summary>
    public QueueEngine Open(string name, QueueSettings? wanted)
    {
        lock (_lock)
        {
            var key = name.Length > 0 ? name : QueueNames.NewUnnamed();
            if (_queues.TryGetValue(key, out var queue))
            {
                CheckSame(queue, wanted);
                return queue;
            }

            if (QueueNames.IsUnnamed(name))
            {
                throw new RefusedException(ErrorCode.NoSuchQueue, $"there is no queue '{name}' any more: an unnamed queue ends with the handle that created it");
            }

            if (_queues.Count >= _maxQueues)
            {
                throw new RefusedException(ErrorCode.TooManyQueues, $"queue '{name}' cannot be created: the broker has {_maxQueues} queues, its limit");
            }

            queue = new QueueEngine(key, wanted ?? new QueueSettings(), _budget, _clock);
            _queues.Add(key, queue);
            Log.QueueCreated(_logger, key);
            return queue;
        }
    }

    public void Delete(string name, FlushList touched)
    {
        QueueEngine? queue;
        lock (_lock)
        {
            if (!_queues.Remove(name, out queue))
            {
                throw new RefusedException(ErrorCode.NoSuchQueue, $"there is no queue '{name}' on this broker");
            }
        }

        queue.Do((machine, _) => { machine.Delete(); return true; }, touched);
        Log.QueueDeleted(_logger, name);
        if (QueueNames.IsUnnamed(name))
        {
            lock (_lock)
            {
                OfGoneUnnamed = OfGoneUnnamed.Plus(queue.Observe().Totals);
            }
        }
    }

    /// <summary>What unnamed queues did that are gone. They are watched as one, and what was counted stays counted.</summary>
    public QueueTotals OfGoneUnnamed
    {
        get
        {
            lock (_lock)
            {
                return field;
            }
        }

        private set;
    }

    public IReadOnlyList<QueueEngine> List()
    {
        lock (_lock)
        {
            return [.. _queues.Values];
        }
    }

    void IDue.OnDue(long now)
    {
        foreach (var queue in List())
        {
            queue.ResumeIfStarved(_dueTouched);
        }

        _dueTouched.Flush();
    }

    private static void CheckSame(QueueEngine queue, QueueSettings? wanted)
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
