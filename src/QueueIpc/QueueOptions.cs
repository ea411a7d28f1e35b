using QueueIpc.Core;

namespace QueueIpc;

/// <summary>What the broker enforces for one queue, from when it is created until <see cref="QueueClient.UpdateQueue"/> changes it.</summary>
public sealed record QueueOptions
{
    /// <summary>How many items may wait in the queue; 0 (the default) means any number. Puts wait while it is full. Delayed items count, leased ones do not.</summary>
    public int Capacity { get; set; }

    /// <summary>How many bytes the queue may store, leased and dead items included; 0 (the default) means no limit of its own: the broker's memory limit still holds.</summary>
    public long MaxBytes { get; set; }

    /// <summary>
    /// How long a lease lasts when its holder gives no sign of life; 30 seconds by default, 10 milliseconds or more. A living holder's leases extend themselves.
    /// <see cref="Timeout.InfiniteTimeSpan"/> means for ever, or until the holder's connection ends.
    /// </summary>
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After how many failures an item is dead, 5 by default, 65,535 at most; 0 means never.</summary>
    public int MaxFailures { get; set; } = 5;

    /// <summary>Whether a named queue lives in the broker's memory even where the broker has a storage; false by default. Without a storage all queues do.</summary>
    public bool Transient { get; set; }

    /// <summary>Says what is wrong with the options, if anything is. Opening a queue with them does it too; a host does it before anything is started.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Capacity);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxFailures);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxFailures, ushort.MaxValue);
        if (LeaseTime != Timeout.InfiniteTimeSpan && LeaseTime < TimeSpan.FromMilliseconds(10))
        {
            throw new ArgumentOutOfRangeException(nameof(LeaseTime), LeaseTime, "A lease time is at least 10 ms, or Timeout.InfiniteTimeSpan.");
        }
    }
}
