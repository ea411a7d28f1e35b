using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>
/// One queue in the broker. It orders what comes from all sessions, lets the machine decide, and writes the decisions into the
/// sessions' outboxes while it still holds the lock, so that they keep their order. Sending happens outside, see <see cref="FlushList"/>.
/// </summary>
internal sealed partial class QueueEngine : Due
{
    private readonly Lock _lock = new();
    private readonly IClock _clock;
    private readonly QueueMachine _machine;
    private readonly FlushList _dueTouched = new();
    private long _scheduledAt = Never;

    /// <summary>A queue that lives in memory, and ends with the broker.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="budget">Its broker's memory.</param>
    /// <param name="clock">Its broker's clock.</param>
    /// <param name="life">A number of this life of the broker, so that no lease is taken for one of an earlier life.</param>
    public QueueEngine(string name, QueueSettings settings, IStorageBudget budget, IClock clock, uint life)
    {
        (Name, _clock) = (name, clock);
        _machine = new QueueMachine(settings, budget, firstGeneration: life);
    }

    public string Name { get; }

    /// <summary>What an unnamed queue is called for people; empty for others.</summary>
    public string Label { get; init; } = string.Empty;

    public QueueSettings Settings => _machine.Settings;

    public Attachment Attach(SessionQueue tag, WaitingPuts waiting, ClientShare share)
    {
        lock (_lock)
        {
            return _machine.Attach(tag, waiting, share);
        }
    }

    /// <summary>Answers how many items it held, which go back.</summary>
    public int Detach(Attachment who, bool failed, FlushList touched)
    {
        lock (_lock)
        {
            var held = _machine.CountOf(who).Held;
            _machine.Detach(who, failed, _clock.Now);
            Carry(touched);
            return held;
        }
    }

    public void Put(Attachment who, ulong request, ItemBatch batch, long waitMicros, FlushList touched, in PutNumber number = default)
    {
        lock (_lock)
        {
            var now = _clock.Now;
            CheckNew(who, request);
            if (_machine.IsTooLate(number, now))
            {
                throw new RefusedException(ErrorCode.TooLate, "this put came again so late that nobody knows any more whether it was accepted");
            }

            _machine.Put(who, request, batch, DeadlineAfter(now, waitMicros), now, number);
            Carry(touched);
        }
    }

    public void Get(Attachment who, ulong request, bool lease, int maxItems, long waitMicros, FlushList touched)
    {
        lock (_lock)
        {
            var now = _clock.Now;
            CheckNew(who, request);
            _machine.Get(who, request, lease, maxItems, DeadlineAfter(now, waitMicros), now);
            Carry(touched);
        }
    }

    public void Join(Attachment who, ulong request, long waitMicros, FlushList touched)
    {
        lock (_lock)
        {
            var now = _clock.Now;
            CheckNew(who, request);
            _machine.Join(who, request, DeadlineAfter(now, waitMicros), now);
            Carry(touched);
        }
    }

    public void Subscribe(Attachment who, ulong request, bool lease, int windowItems, long windowBytes, bool canReturn, FlushList touched)
    {
        lock (_lock)
        {
            CheckNew(who, request);
            _machine.Subscribe(who, request, lease, windowItems, windowBytes, _clock.Now, canReturn);
            Carry(touched);
        }
    }

    public bool Advance(Attachment who, ulong request, ulong confirmed, int windowItems, FlushList touched)
    {
        lock (_lock)
        {
            var isKnown = _machine.Advance(who, request, confirmed, windowItems, _clock.Now);
            Carry(touched);
            return isKnown;
        }
    }

    /// <summary>Anything that is answered at once: <paramref name="act"/> gets the machine and the time.</summary>
    public T Do<T>(Func<QueueMachine, long, T> act, FlushList touched)
    {
        lock (_lock)
        {
            var result = act(_machine, _clock.Now);
            Carry(touched);
            return result;
        }
    }

    /// <summary>A look at the machine, which changes nothing.</summary>
    public T Look<T>(Func<QueueMachine, T> look)
    {
        lock (_lock)
        {
            return look(_machine);
        }
    }

    /// <summary>All that is in it is gone, and whoever waits is told. Nothing is due any more. Says how many items there were.</summary>
    public int Delete(FlushList touched)
    {
        lock (_lock)
        {
            var there = _machine.Count(_clock.Now);
            _machine.Delete();
            Forget();
            Carry(touched);
            _scheduledAt = Never;
            _clock.Forget(this);
            return there.Ready + there.Held + there.Delayed + there.Dead;
        }
    }

    public QueueCounts Count()
    {
        lock (_lock)
        {
            return _machine.Count(_clock.Now);
        }
    }

    public AttachmentCounts CountOf(Attachment who)
    {
        lock (_lock)
        {
            return _machine.CountOf(who);
        }
    }

    /// <summary>What it has and what it has done, of one moment.</summary>
    public (QueueCounts Counts, QueueTotals Totals) Observe()
    {
        lock (_lock)
        {
            return (_machine.Count(_clock.Now), _machine.Totals);
        }
    }

    /// <summary>Other queues gave memory back: what waited for it may go on.</summary>
    public void ResumeIfStarved(FlushList touched)
    {
        lock (_lock)
        {
            if (_machine.IsStarved)
            {
                _machine.Resume(_clock.Now);
                Carry(touched);
            }
        }
    }

    public override void OnDue(long now)
    {
        lock (_lock)
        {
            _scheduledAt = Never;
            _machine.Tick(now);
            Carry(_dueTouched);
        }

        _dueTouched.Flush();
    }

    private static long DeadlineAfter(long now, long waitMicros) =>
        waitMicros < 0 || waitMicros >= Never - now ? Never : now + waitMicros;

    private static void CheckNew(Attachment who, ulong request)
    {
        if (who.Waiters.Count > 0 && who.Waiters.ContainsKey(request))
        {
            throw new ProtocolException(ErrorCode.DuplicateRequest, $"request {request} has not been answered yet, and comes again");
        }
    }

    /// <summary>Writes all effects down, each where it belongs, and asks to be woken when the next deadline is due.</summary>
    private void Carry(FlushList touched)
    {
        if (_journal is null)
        {
            Write(_machine.Effects, touched);
        }
        else
        {
            Remember();
            Withhold(touched);
            ShowPeeks(touched);
            LookAhead();
        }

        _machine.ClearEffects();
        var next = _machine.NextDeadline;
        if (next < _scheduledAt)
        {
            _scheduledAt = next;
            _clock.Schedule(this, next);
        }
    }

    private static void Write(List<Effect> effects, FlushList touched)
    {
        for (var i = 0; i < effects.Count;)
        {
            var to = (SessionQueue)effects[i].To.Tag!;
            var outbox = to.Session.Outbox;
            lock (outbox.SyncRoot)
            {
                i = effects[i].Kind == EffectKind.Delivered
                    ? Answers.WriteItems(outbox.Open, to, effects, i)
                    : Answers.WriteOutcome(outbox.Open, to.Id, effects, i);
            }

            touched.Add(outbox);
        }
    }
}
