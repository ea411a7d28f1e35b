using QueueIpc.Client;

namespace QueueIpc.Pools;

/// <summary>One worker process of a pool: its mailbox, and when it has had enough time.</summary>
internal sealed class PoolMember : PoolSeat, IDisposable
{
    private readonly Receipts _receipts = new();
    private readonly IpcQueue<byte[]> _mailbox;
    private readonly Limit _limit;
    private long _busyWith;
    private long _busySince;

    public PoolMember(int id, IpcQueue<byte[]> words, byte[] work, string label, WorkerOptions? options, Action<PoolMember, long> onTimeUp)
    {
        Id = id;
        _limit = new Limit(this, onTimeUp);

        // The worker holds its token as long as its connection lives.
        _mailbox = QueueBroker.Default.CreateQueue<byte[]>(new QueueOptions { LeaseTime = Timeout.InfiniteTimeSpan, MaxFailures = 0 }, RawBytesSerializer.Instance, label);
        try
        {
            _mailbox.Put(PoolMessage.Order(PoolOrder.Token));
            Process = WorkerProcess.Start(PoolWorker.Run, _mailbox, words, id, work, options);
        }
        catch
        {
            _mailbox.Dispose();
            throw;
        }
    }

    public int Id { get; }

    public WorkerProcess Process { get; }

    /// <summary>The jobs that were for it and never came to it. Known when it has ended.</summary>
    public List<long> NeverArrived { get; } = [];

    /// <summary>Set when the pool has dealt with its end.</summary>
    public ManualResetEventSlim Settled { get; } = new();

    /// <summary>When what it does now has taken too long; never if it may take any time.</summary>
    public long TimeUpAt { get; private set; } = Due.Never;

    /// <summary>Since when it has this job, the one in its hand.</summary>
    public long Began(PoolJob job, IClock clock)
    {
        if (_busyWith != job.Id)
        {
            (_busyWith, _busySince) = (job.Id, clock.Now);
        }

        return _busySince;
    }

    /// <summary>Tells it something, without waiting for anybody; it is sent with <see cref="Flush"/>.</summary>
    public void Tell(PoolOrder order, long job = 0, ReadOnlySpan<byte> packed = default) => _mailbox.Write(PoolMessage.Order(order, job, packed), _receipts);

    public void Flush() => _mailbox.FlushThrough();

    public void SetTimeUp(long at)
    {
        TimeUpAt = at;
        if (at != Due.Never)
        {
            _mailbox.Clock.Schedule(_limit, at);
        }
    }

    /// <summary>Returns when the process has ended, and all that it has said stands in the pool's queue.</summary>
    public void WaitForEnd(TimeSpan patience)
    {
        Process.WaitForExit();

        // The broker reads a connection to its end before it gives back what was held there: the token comes last of all.
        while (_mailbox.TryGet(out var message, patience) && PoolMessage.ReadOrder(message) is var order && order.Order != PoolOrder.Token)
        {
            Missed(order.Order, order.Job);
        }

        while (_mailbox.TryGet(out var message))
        {
            var order = PoolMessage.ReadOrder(message);
            Missed(order.Order, order.Job);
        }
    }

    public void Dispose()
    {
        _mailbox.Clock.Forget(_limit);
        _mailbox.Dispose();
        Process.Dispose();
        Settled.Dispose();
    }

    private void Missed(PoolOrder order, long job)
    {
        if (order == PoolOrder.Job)
        {
            NeverArrived.Add(job);
        }
    }

    private sealed class Limit(PoolMember member, Action<PoolMember, long> onTimeUp) : Due
    {
        public override void OnDue(long now) => onTimeUp(member, now);
    }
}
