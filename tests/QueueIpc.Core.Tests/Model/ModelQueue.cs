namespace QueueIpc.Core.Tests.Model;

/// <summary>
/// The queue once more, as plainly as it can be said: one list of items with a state each, lists of requests, everything
/// searched from the beginning. Whatever the machine does must be what this does.
/// </summary>
/// <param name="settings">What the machine has.</param>
/// <param name="memoryLimit">For this queue and others.</param>
/// <param name="heldMax">How many items the clients of one owner may hold together.</param>
internal sealed class ModelQueue(QueueSettings settings, long memoryLimit, int heldMax = int.MaxValue)
{
    private readonly List<ModelItem> _items = [];
    private readonly List<ModelItem> _dead = [];
    private readonly List<ModelRequest> _requests = [];
    private readonly List<ModelRequest> _gets = [];
    private readonly List<ModelRequest> _shut = [];
    private readonly List<ModelRequest> _puts = [];
    private readonly List<ModelRequest> _joins = [];
    private readonly List<ModelTimer> _timers = [];
    private readonly Dictionary<int, long> _leaseTimes = [];
    private readonly Dictionary<int, object> _owners = [];
    private long _turns;
    private long _accepted;
    private long _taken;
    private long _dropped;
    private bool _closed;
    private bool _discarding;
    private bool _deleted;

    public List<ModelEffect> Effects { get; } = [];

    /// <summary>Told of every item that its consumer has confirmed or acked.</summary>
    public Action<ModelItem>? Taken { get; init; }

    /// <summary>Told of every item that was cleared, discarded, deleted, or pushed out of the dead.</summary>
    public Action<ModelItem>? Dropped { get; init; }

    /// <summary>Where the machine has the bytes of an item is its own business; what follows from it is not.</summary>
    public Func<long, bool> IsAway { get; set; } = _ => false;

    public long MemoryUsedByOthers { get; set; }

    public IReadOnlyList<ModelItem> Dead => _dead;

    public IReadOnlyList<ModelRequest> Requests => _requests;

    public ModelItem? FirstReady => _items.Where(item => item.State == ModelState.Ready).MinBy(item => item.Sequence);

    /// <summary>What can be delivered now.</summary>
    public ModelItem? FirstHere => FirstReady is { IsAway: false } first ? first : null;

    /// <summary>Whether somebody waits for what is ready, and not here.</summary>
    public bool WaitsForReading => _gets.Count > 0 && FirstReady is { IsAway: true };

    private int ReadyHere => _items.Where(item => item.State == ModelState.Ready).OrderBy(item => item.Sequence).TakeWhile(item => !item.IsAway).Count();

    public long NextDeadline => _timers.Count == 0 ? Timed.Never : _timers.Min(timer => timer.Due);

    public long MemoryUsed => _items.Sum(item => item.Size + QueueMachine.ItemOverheadBytes + item.State switch
    {
        ModelState.Held when !item.Delivery!.WithoutToken => QueueMachine.HoldOverheadBytes,
        ModelState.Delayed => QueueMachine.HoldOverheadBytes,
        ModelState.Dead => QueueMachine.MemoryFor(item.Reason),
        _ => 0L,
    });

    /// <summary>Whether the first waiting put waits for nothing but memory.</summary>
    public bool IsStarved =>
        _puts is [{ Rest: var rest }, ..] && rest.TryPeek(out var content) && HasPlaceFor(content) && !HasMemoryFor(content);

    private long Bytes => _items.Sum(item => (long)item.Size);

    private bool IsFinished => Count(ModelState.Ready) + Count(ModelState.Delayed) + Count(ModelState.Held) == 0;

    public QueueCounts Counts(long now) => new()
    {
        Ready = Count(ModelState.Ready),
        Delayed = Count(ModelState.Delayed),
        Held = Count(ModelState.Held),
        Dead = _dead.Count,
        Bytes = Bytes,
        WaitingGets = _gets.Count,
        WaitingPuts = _puts.Count,
        WaitingJoins = _joins.Count,
        OldestAge = FirstReady is { } first ? now - first.PutAt : 0,
        TotalPut = _accepted,
        TotalTaken = _taken,
        TotalDropped = _dropped,
        IsClosed = _closed,
        IsCompleted = _closed && IsFinished,
    };

    /// <summary>A client's leases last as long as it was told when it came, or longer.</summary>
    public void Attach(int client, object owner)
    {
        _leaseTimes[client] = settings.LeaseTime;
        _owners[client] = owner;
    }

    public void Put(int client, ulong id, byte[]?[] contents, long deadline, long now)
    {
        var request = new ModelRequest { Client = client, Id = id, Rest = new(contents) };
        if (_closed)
        {
            Tell(request, _deleted ? EffectKind.Deleted : EffectKind.Completed);
            return;
        }

        if (settings.MaxBytes > 0 && contents.Any(content => content?.Length > settings.MaxBytes))
        {
            Tell(request, EffectKind.NeverFits);
            return;
        }

        ServeOrWait(request, _puts, EffectKind.Full, deadline, now);
    }

    public void Get(int client, ulong id, bool lease, int maxItems, long deadline, long now)
    {
        var request = new ModelRequest { Client = client, Id = id, Lease = lease, MaxItems = maxItems };
        if (_deleted)
        {
            Tell(request, EffectKind.Deleted);
            return;
        }

        if (MayHold(client) == 0)
        {
            Tell(request, EffectKind.TooManyHeld);
            return;
        }

        ServeOrWait(request, _gets, EffectKind.Empty, deadline, now);
    }

    public void Subscribe(int client, ulong id, bool lease, int windowItems, long windowBytes, long now, bool canReturn = false)
    {
        var request = new ModelRequest
        {
            Client = client,
            Id = id,
            Lease = lease,
            IsSubscription = true,
            WindowItems = windowItems,
            WindowBytes = windowBytes,
            CanReturn = canReturn,
        };
        if (_deleted || (_closed && IsFinished))
        {
            Tell(request, _deleted ? EffectKind.Deleted : EffectKind.Completed);
            return;
        }

        if (MayHold(client) == 0)
        {
            Tell(request, EffectKind.TooManyHeld);
            return;
        }

        _requests.Add(request);
        StandInLine(request);
        Settle(now);
    }

    public bool Advance(int client, ulong id, ulong confirmed, int windowItems, long now)
    {
        if (Find(client, id) is not { IsSubscription: true } subscription)
        {
            return true;
        }

        if (confirmed < subscription.Confirmed || confirmed > subscription.Confirmed + (ulong)subscription.Ahead.Count)
        {
            return false;
        }

        Confirm(subscription, confirmed);
        subscription.WindowItems = windowItems;
        subscription.IsRecalled = false;
        StandInLine(subscription);
        Settle(now);
        return true;
    }

    public bool Return(int client, ulong id, ulong confirmed, ulong last, long now)
    {
        if (Find(client, id) is not { IsSubscription: true } subscription)
        {
            return true;
        }

        if (confirmed < subscription.Confirmed || last < confirmed || last > subscription.Confirmed + (ulong)subscription.Ahead.Count)
        {
            return false;
        }

        Confirm(subscription, confirmed);
        var returned = (int)(last - confirmed);
        foreach (var delivery in subscription.Ahead.Take(returned).Where(delivery => delivery.IsLive))
        {
            Return(delivery.Item);
        }

        subscription.Ahead.RemoveRange(0, returned);
        subscription.Confirmed = last;
        subscription.IsRecalled = false;
        StandInLine(subscription);
        Settle(now);
        return true;
    }

    public bool RejectNext(int client, ulong id, string reason, long now)
    {
        if (Find(client, id) is not { IsSubscription: true, Lease: false, Ahead: [var first, ..] } subscription)
        {
            return false;
        }

        subscription.Ahead.RemoveAt(0);
        subscription.Confirmed++;
        Bury(first.Item, reason, now);
        StandInLine(subscription);
        Settle(now);
        return true;
    }

    public void Join(int client, ulong id, long deadline, long now)
    {
        var request = new ModelRequest { Client = client, Id = id };
        if (_deleted)
        {
            Tell(request, EffectKind.Deleted);
            return;
        }

        ServeOrWait(request, _joins, EffectKind.TimedOut, deadline, now);
    }

    public void Cancel(int client, ulong id, long now)
    {
        if (Find(client, id) is { } request)
        {
            End(request, EffectKind.Cancelled);
            Settle(now);
        }
    }

    public bool Ack(ModelDelivery delivery, int client, long now)
    {
        if (!Holds(delivery, client))
        {
            return false;
        }

        Take(delivery.Item);
        Settle(now);
        return true;
    }

    public bool Nack(ModelDelivery delivery, int client, long delay, long now, string reason = "its consumers failed with it")
    {
        if (!Holds(delivery, client))
        {
            return false;
        }

        var item = delivery.Item;
        Fail(item, reason, now);
        if (delay > 0 && item.State == ModelState.Ready)
        {
            item.State = ModelState.Delayed;
            item.Delay = Schedule(Later(now, delay), _ => Return(item));
        }

        Settle(now);
        return true;
    }

    public bool Release(ModelDelivery delivery, int client, long now)
    {
        if (!Holds(delivery, client))
        {
            return false;
        }

        Return(delivery.Item);
        Settle(now);
        return true;
    }

    public bool Extend(ModelDelivery delivery, int client, long duration, long now)
    {
        if (!Holds(delivery, client) || !delivery.Lease)
        {
            return false;
        }

        // Never shortened; one that does not end at all stays so.
        var due = Later(now, duration);
        if (delivery.Expiry is { } expiry && due > expiry.Due)
        {
            Unschedule(expiry);
            delivery.Expiry = Expiry(delivery, due);
        }

        return true;
    }

    public bool DeadLetter(ModelDelivery delivery, int client, string reason, long now)
    {
        if (!Holds(delivery, client))
        {
            return false;
        }

        Bury(delivery.Item, reason, now);
        Settle(now);
        return true;
    }

    public void Detach(int client, bool failed, long now)
    {
        foreach (var request in _requests.Where(request => request.Client == client).ToArray())
        {
            Forget(request);
        }

        foreach (var item in _items.Where(item => item.State == ModelState.Held && item.Delivery!.Client == client).OrderBy(item => item.Delivery!.Turn).ToArray())
        {
            if (failed && item.Delivery!.InHand)
            {
                Fail(item, "its consumer ended without settling it", now);
            }
            else
            {
                Return(item);
            }
        }

        Settle(now);
    }

    public void Tick(long now)
    {
        while (_timers.OrderBy(timer => timer.Due).ThenBy(timer => timer.Turn).FirstOrDefault() is { } next && next.Due <= now)
        {
            _timers.Remove(next);
            next.Act(now);
            Settle(now);
        }
    }

    public void Complete(bool discard, long now)
    {
        _closed = true;
        foreach (var put in _puts.ToArray())
        {
            End(put, EffectKind.Completed);
        }

        if (discard)
        {
            _discarding = true;
            DropAll(ModelState.Ready);
            DropAll(ModelState.Delayed);
        }

        Settle(now);
    }

    public void Delete()
    {
        _closed = _deleted = true;
        foreach (var request in _requests.ToArray())
        {
            End(request, EffectKind.Deleted);
        }

        foreach (var item in _items.ToArray())
        {
            Drop(item);
        }
    }

    public int Clear(long now)
    {
        var count = DropAll(ModelState.Ready);
        Settle(now);
        return count;
    }

    public int Redrive(long now, IReadOnlySet<long>? sequences = null)
    {
        var dead = _dead.Where(item => sequences?.Contains(item.Sequence) != false).ToArray();
        foreach (var item in dead)
        {
            item.Failures = 0;
            Return(item);
        }

        Settle(now);
        return dead.Length;
    }

    public int DeleteDead(long now, IReadOnlySet<long>? sequences = null)
    {
        var dead = _dead.Where(item => sequences?.Contains(item.Sequence) != false).ToArray();
        foreach (var item in dead)
        {
            Drop(item);
        }

        Settle(now);
        return dead.Length;
    }

    public void Update(QueueSettings changed, long now)
    {
        settings = changed;
        foreach (var put in _puts.Where(put => settings.MaxBytes > 0 && put.Rest.Any(content => content?.Length > settings.MaxBytes)).ToArray())
        {
            End(put, EffectKind.NeverFits);
        }

        Settle(now);
    }

    public void Resume(long now) => Settle(now);

    /// <summary>The machine has got what it asked for.</summary>
    public void Arrive(long now)
    {
        FindAway();
        Settle(now);
    }

    /// <summary>The broker has ended and is there again: nobody waits, nothing is held, and that is no item's failure.</summary>
    public void Restart(long now)
    {
        foreach (var request in _requests.ToArray())
        {
            Forget(request);
        }

        foreach (var item in _items.Where(item => item.State == ModelState.Held).ToArray())
        {
            Return(item);
        }

        foreach (var item in _items.Where(item => item.State == ModelState.Delayed).ToArray())
        {
            var due = item.Delay!.Due;
            Unschedule(item.Delay);
            item.Delay = due > now ? Schedule(due, _ => Return(item)) : null;
            item.State = due > now ? ModelState.Delayed : ModelState.Ready;
        }

        FindAway();
        _dead.Sort((one, other) => (one.DiedAt, one.Sequence).CompareTo((other.DiedAt, other.Sequence)));
        Settle(now);
    }

    /// <summary>Nobody waits, and nothing is held.</summary>
    public bool IsIdle => _requests.Count == 0 && Count(ModelState.Held) == 0;

    public IEnumerable<ModelItem> HeldBy(int client) => _items.Where(item => item.State == ModelState.Held && item.Delivery!.Client == client);

    private static long Later(long now, long duration) => duration == Timed.Never ? Timed.Never : now + duration;

    private static bool Holds(ModelDelivery delivery, int client) => delivery.IsLive && delivery.Client == client && !delivery.WithoutToken;

    private void FindAway()
    {
        foreach (var item in _items)
        {
            item.IsAway = IsAway(item.Sequence);
        }
    }

    private int Count(ModelState state) => _items.Count(item => item.State == state);

    private int MayHold(int client) =>
        heldMax - _items.Count(item => item.State == ModelState.Held && _owners[item.Delivery!.Client] == _owners[client]);

    private bool HasRoom(ModelRequest subscription) => subscription.HasRoom && MayHold(subscription.Client) > 0;

    private ModelRequest? Find(int client, ulong id) => _requests.Find(request => request.Client == client && request.Id == id);

    /// <summary>Lets happen what can: who waits is served in order of arrival, who can be told something final is told.</summary>
    private void Settle(long now)
    {
        // Whoever was shut because its owner held too many may have room again.
        foreach (var shut in _shut.ToArray())
        {
            StandInLine(shut);
        }

        do
        {
            ServeGets(now);
        }
        while (Admit(now));

        if (_gets.Count > 0 && FirstReady is null)
        {
            foreach (var idle in _shut.Where(shut => shut is { CanReturn: true, IsRecalled: false, WindowItems: 0, Ahead.Count: > 0 }))
            {
                idle.IsRecalled = true;
                Tell(idle, EffectKind.Recall);
            }
        }

        if (IsFinished)
        {
            foreach (var join in _joins.ToArray())
            {
                End(join, EffectKind.Joined);
            }
        }

        if (IsFinished && _closed)
        {
            foreach (var get in _gets.Concat(_shut).ToArray())
            {
                End(get, EffectKind.Completed);
            }
        }

        if (FirstReady is null)
        {
            foreach (var get in _gets.Where(get => get.IsOverdue).ToArray())
            {
                End(get, EffectKind.Empty);
            }
        }
    }

    private void Confirm(ModelRequest subscription, ulong confirmed)
    {
        for (; subscription.Confirmed < confirmed; subscription.Confirmed++)
        {
            var delivery = subscription.Ahead[0];
            subscription.Ahead.RemoveAt(0);
            delivery.InHand = true;
            if (!delivery.Lease)
            {
                Take(delivery.Item);
            }
        }
    }

    /// <summary>Round by round: everyone in line has one turn, and gets an equal part of what is left for those whose turn is to come, but an eighth of its window at least.</summary>
    private void ServeGets(long now)
    {
        while (_gets.Count > 0 && FirstHere is not null)
        {
            var turns = _gets.Count;
            foreach (var get in _gets.ToArray())
            {
                if (FirstHere is null)
                {
                    break;
                }

                Serve(get, Math.Max(Math.Max(1, get.WindowItems / 8), ReadyHere / turns--), now);
            }
        }
    }

    private void Serve(ModelRequest get, int share, long now)
    {
        if (!get.IsSubscription)
        {
            var countMax = Math.Min(get.MaxItems, MayHold(get.Client));
            if (countMax == 0)
            {
                End(get, EffectKind.TooManyHeld);
                return;
            }

            for (var i = 0; i < countMax && FirstHere is { } item; i++)
            {
                Deliver(get, item, now);
            }

            Forget(get);
            return;
        }

        // Then it stands at the end again, if it wants more.
        for (var i = 0; i < share && HasRoom(get) && FirstHere is { } item; i++)
        {
            get.Ahead.Add(Deliver(get, item, now));
        }

        _gets.Remove(get);
        StandInLine(get);
    }

    /// <summary>Lets puts in, in order of arrival and as far as there is room; whether anything came in.</summary>
    private bool Admit(long now)
    {
        var admitted = false;
        while (_puts.Count > 0)
        {
            var put = _puts[0];
            while (put.Rest.TryPeek(out var content) && HasRoomFor(content))
            {
                _items.Add(new ModelItem { Sequence = ++_accepted, Content = put.Rest.Dequeue(), PutAt = now, IsAway = IsAway(_accepted) });
                put.Accepted++;
                admitted = true;
            }

            var ends = put.Rest.Count == 0 && (put.Accepted > 0 || HasPlaceFor(null));
            if (!ends)
            {
                break;
            }

            End(put, EffectKind.Accepted);
        }

        return admitted;
    }

    private bool HasPlace => settings.Capacity == 0 || Count(ModelState.Ready) + Count(ModelState.Delayed) < settings.Capacity;

    private bool HasRoomFor(byte[]? content) => HasPlaceFor(content) && HasMemoryFor(content);

    private bool HasPlaceFor(byte[]? content) =>
        HasPlace && (settings.MaxBytes == 0 || Bytes + (content?.Length ?? 0) <= settings.MaxBytes);

    private bool HasMemoryFor(byte[]? content) =>
        MemoryUsed + MemoryUsedByOthers + (content?.Length ?? 0) + QueueMachine.ItemOverheadBytes <= memoryLimit;

    private ModelDelivery Deliver(ModelRequest get, ModelItem item, long now)
    {
        var delivery = new ModelDelivery
        {
            Item = item,
            Turn = _turns++,
            Failures = item.Failures,
            Client = get.Client,
            Request = get.Id,
            Lease = get.Lease,
            InHand = get.Lease && !get.IsSubscription,
            WithoutToken = get.IsSubscription && !get.Lease,
        };
        item.State = ModelState.Held;
        item.Delivery = delivery;
        var told = _leaseTimes[get.Client];
        delivery.Expiry = get.Lease && settings.LeaseTime > 0 && told > 0 ? Expiry(delivery, Later(now, Math.Max(told, settings.LeaseTime))) : null;
        Effects.Add(new ModelEffect(EffectKind.Delivered, get.Client, get.Id, 1, delivery));
        return delivery;
    }

    private ModelTimer? Expiry(ModelDelivery delivery, long due) => Schedule(due, now =>
    {
        // What was read ahead and never handed over is nobody's failure.
        if (delivery.InHand)
        {
            Fail(delivery.Item, "its lease expired", now);
        }
        else
        {
            Return(delivery.Item);
        }
    });

    private void StandInLine(ModelRequest subscription)
    {
        var (line, other) = HasRoom(subscription) ? (_gets, _shut) : (_shut, _gets);
        other.Remove(subscription);
        if (!line.Contains(subscription))
        {
            line.Add(subscription);
        }
    }

    private void ServeOrWait(ModelRequest request, List<ModelRequest> line, EffectKind late, long deadline, long now)
    {
        _requests.Add(request);
        line.Add(request);
        Settle(now);
        if (!line.Contains(request))
        {
            return;
        }

        if (deadline <= now)
        {
            EndLate(request, late);
        }
        else
        {
            request.Timeout = Schedule(deadline, _ => EndLate(request, late));
        }
    }

    /// <summary>A get does not find a queue empty that is not.</summary>
    private void EndLate(ModelRequest request, EffectKind late)
    {
        request.IsOverdue = late == EffectKind.Empty && FirstReady is not null;
        if (!request.IsOverdue)
        {
            End(request, late);
        }
    }

    private void End(ModelRequest request, EffectKind answer)
    {
        Tell(request, answer);
        Forget(request);
    }

    private void Tell(ModelRequest request, EffectKind answer) =>
        Effects.Add(new ModelEffect(answer, request.Client, request.Id, request.Accepted));

    private void Forget(ModelRequest request)
    {
        Unschedule(request.Timeout);
        _requests.Remove(request);
        _gets.Remove(request);
        _shut.Remove(request);
        _puts.Remove(request);
        _joins.Remove(request);
        foreach (var delivery in request.Ahead.Where(delivery => delivery.IsLive))
        {
            Return(delivery.Item);
        }
    }

    private void Fail(ModelItem item, string reason, long now)
    {
        item.Failures++;
        if (settings.MaxFailures > 0 && item.Failures >= settings.MaxFailures)
        {
            Bury(item, reason, now);
        }
        else
        {
            Return(item);
        }
    }

    private void Return(ModelItem item)
    {
        if (_discarding || _deleted)
        {
            Drop(item);
        }
        else
        {
            Move(item, ModelState.Ready);
        }
    }

    private void Bury(ModelItem item, string reason, long now)
    {
        Move(item, ModelState.Dead);
        item.Reason = reason;
        item.DiedAt = now;
        _dead.Add(item);
        if (_dead.Count > settings.MaxDead)
        {
            Drop(_dead[0]);
        }
    }

    private void Take(ModelItem item)
    {
        Move(item, ModelState.Gone);
        _taken++;
        Taken?.Invoke(item);
    }

    private void Drop(ModelItem item)
    {
        Move(item, ModelState.Gone);
        _dropped++;
        Dropped?.Invoke(item);
    }

    private int DropAll(ModelState state)
    {
        var items = _items.Where(item => item.State == state).ToArray();
        foreach (var item in items)
        {
            Drop(item);
        }

        return items.Length;
    }

    private void Move(ModelItem item, ModelState state)
    {
        Unschedule(item.Delivery?.Expiry);
        Unschedule(item.Delay);
        _dead.Remove(item);
        item.State = state;
        if (state == ModelState.Gone)
        {
            _items.Remove(item);
        }
    }

    private ModelTimer? Schedule(long due, Action<long> act)
    {
        if (due == Timed.Never)
        {
            return null;
        }

        var timer = new ModelTimer(due, _turns++, act);
        _timers.Add(timer);
        return timer;
    }

    private void Unschedule(ModelTimer? timer)
    {
        if (timer is not null)
        {
            _timers.Remove(timer);
        }
    }
}
