namespace QueueIpc.Tests.Simulation;

internal sealed partial class SimulatedClient
{
    private static readonly (int Weight, Action<SimulatedClient, SimulatedHandle> Act)[] Acts =
    [
        (22, (client, handle) => client.Put(handle)),
        (4, (client, handle) => client.PutMany(handle)),
        (14, (client, handle) => client.Get(handle)),
        (5, (client, handle) => client.GetMany(handle)),
        (9, (client, handle) => client.Lease(handle)),
        (16, (client, _) => client.Settle()),
        (5, (client, handle) => client.BeginReading(handle)),
        (14, (client, _) => client.Read()),
        (2, (client, _) => client.StopReading()),
        (2, (client, handle) => client.Begin("join", handle, Timeout.InfiniteTimeSpan, call => handle.Queue.JoinAsync(call.Token))),
        (2, (client, handle) => client.Begin("info", handle, Timeout.InfiniteTimeSpan, call => handle.Queue.GetInfoAsync(call.Token))),
        (1, (client, _) => client.Begin("list queues", null, Timeout.InfiniteTimeSpan, call => client._client.GetQueuesAsync(call.Token))),
        (1, (client, _) => client.Begin("list connections", null, Timeout.InfiniteTimeSpan, call => client._client.GetConnectionsAsync(call.Token))),
        (3, (client, handle) => client.Administer(handle)),
        (1, (client, handle) => client.Reopen(handle)),
    ];

    private static readonly int WeightTotal = Acts.Sum(act => act.Weight);

    /// <summary>One caller does something.</summary>
    public void Act()
    {
        var lot = _world.Random.Next(WeightTotal);
        var choice = 0;
        while (lot >= Acts[choice].Weight)
        {
            lot -= Acts[choice++].Weight;
        }

        Acts[choice].Act(this, _world.Pick(_handles));
    }

    /// <summary>Takes all that can be taken, and answers what is dead.</summary>
    public IReadOnlySet<long> Drain()
    {
        var dead = new HashSet<long>();
        foreach (var handle in _handles)
        {
            while (DrainOne(handle))
            {
            }

            Directly(() => dead.UnionWith(handle.Queue.GetDeadItems(int.MaxValue).Select(item => SimulatedItem.IdOf(item.Bytes.Span))));
        }

        return dead;
    }

    private bool DrainOne(SimulatedHandle handle)
    {
        var isMore = true;
        Begin("drain", handle, TimeSpan.Zero, async call =>
        {
            try
            {
                (isMore, var item) = await handle.Queue.TryGetAsync(TimeSpan.Zero, call.Token).ConfigureAwait(false);
                if (isMore)
                {
                    HandedOver(item!.Id);
                }
            }
            catch (QueueCompletedException)
            {
                isMore = false;
            }
        });
        Link.Pump();
        EndCalls();
        Assert.False(IsOver, "The last client was cut off");
        return isMore;
    }

    private void Put(SimulatedHandle handle)
    {
        var (item, timeout) = (_world.NewItem(Number), _world.PickTimeout());
        var isPlain = timeout == Timeout.InfiniteTimeSpan && _world.Random.Next(2) == 0;
        Begin(
            "put",
            handle,
            timeout,
            call => isPlain ? handle.Queue.PutAsync(item) : handle.Queue.PutAsync(item, timeout, call.Token),
            fate => _world.Ledger.PutEnded(item.Id, fate),
            isPlain);
    }

    private void PutMany(SimulatedHandle handle)
    {
        var items = Enumerable.Range(0, _world.Random.Next(1, 6)).Select(_ => _world.NewItem(Number)).ToArray();
        Begin("put many", handle, Timeout.InfiniteTimeSpan, call => handle.Queue.PutManyAsync(items, call.Token), fate => Array.ForEach(
            items, item => _world.Ledger.PutEnded(item.Id, fate == PutFate.Accepted ? fate : PutFate.Unknown)));
    }

    private void Get(SimulatedHandle handle)
    {
        var timeout = _world.PickTimeout();
        Begin("get", handle, timeout, async call =>
        {
            var (found, item) = await handle.Queue.TryGetAsync(timeout, call.Token).ConfigureAwait(false);
            if (!found)
            {
                throw new QueueEmptyException("within the time");
            }

            HandedOver(item!.Id);
        });
    }

    private void GetMany(SimulatedHandle handle)
    {
        var timeout = _world.PickTimeout();
        Begin("get many", handle, timeout, async call =>
        {
            var items = await handle.Queue.GetManyAsync(_world.Random.Next(1, 5), timeout, call.Token).ConfigureAwait(false);
            var at = -1;
            foreach (var item in items)
            {
                var before = at;
                at = _session.Delivered.FindLastIndex(content => SimulatedItem.IdOf(content) == item.Id);
                Assert.True(at > before, $"Item {item.Id} was handed over out of turn");
                HandedOver(item.Id);
            }
        });
    }

    private void Lease(SimulatedHandle handle) => Begin("get a lease", handle, Timeout.InfiniteTimeSpan, async call =>
        Leased(handle, await handle.Queue.LeaseAsync(call.Token).ConfigureAwait(false)));

    private void Settle()
    {
        if (_leases.Count == 0)
        {
            return;
        }

        var held = _world.Pick(_leases);
        var verdict = _world.Random.Next(8);
        var wasSettled = held.IsSettled;
        held.IsSettled |= verdict != 0;
        held.IsGivenBack |= !wasSettled && verdict >= 3;
        if (wasSettled || verdict == 7)
        {
            _leases.Remove(held);
        }

        if (verdict == 7)
        {
            held.Lease.Dispose();
            return;
        }

        Begin("settle a lease", held.Handle, Timeout.InfiniteTimeSpan, async call =>
        {
            try
            {
                await Verdict(held.Lease, verdict).ConfigureAwait(false);
                Assert.False(wasSettled, "A lease was settled twice");
            }
            catch (LeaseLostException)
            {
                // While it cannot expire it can only be lost with the queue, or because it was settled.
                Assert.True(wasSettled || held.IsSettled || !held.Handle.LeasesLast || _world.SomethingWasCompleted, "A lease was lost that nobody took away");
                throw;
            }
        });
    }

    private static ValueTask Verdict(QueueLease<SimulatedItem> lease, int verdict) => verdict switch
    {
        0 => lease.ExtendAsync(TimeSpan.FromMilliseconds(40)),
        1 or 2 => lease.AckAsync(),
        3 => lease.NackAsync(),
        4 => lease.NackAsync(TimeSpan.FromMilliseconds(15)),
        5 => lease.ReleaseAsync(),
        _ => lease.DeadLetterAsync("hopeless"),
    };

    private void BeginReading(SimulatedHandle handle)
    {
        if (_readers.Count < 3)
        {
            Try("begin to read", handle, () => _readers.Add(new SimulatedReader(handle, lease: _world.Random.Next(2) == 0) { Position = _session.Delivered.Count }));
        }
    }

    private void Read()
    {
        if (_readers.Count == 0)
        {
            return;
        }

        var reader = _world.Pick(_readers);
        var isOver = true;
        Try(reader.IsLease ? "read leases" : "read", reader.Handle, () =>
        {
            var left = _world.Random.Next(1, 4);
            while (reader.IsLease && left > 0 && reader.Stream.TryTakeLease(out var lease))
            {
                Follow(reader, lease.Item.Id);
                Leased(reader.Handle, lease);
                left--;
            }

            while (!reader.IsLease && left > 0 && reader.Stream.TryTake(out var item))
            {
                Follow(reader, item.Id);
                HandedOver(item.Id);
                left--;
            }

            reader.Stream.Ask();
            isOver = false;
        });
        if (isOver)
        {
            _readers.Remove(reader);
        }
    }

    /// <summary>A reader hands over in the order in which the broker has sent.</summary>
    private void Follow(SimulatedReader reader, long id)
    {
        var at = _session.Delivered.FindIndex(reader.Position, content => SimulatedItem.IdOf(content) == id);
        Assert.True(at >= 0, $"Item {id} was handed over out of turn");
        reader.Position = at + 1;
    }

    private void StopReading()
    {
        if (_readers.Count > 0)
        {
            var reader = _world.Pick(_readers);
            _readers.Remove(reader);
            reader.Stream.Cancel(0);
        }
    }

    private void StopReaders()
    {
        foreach (var reader in _readers)
        {
            reader.Stream.Cancel(0);
        }

        _readers.Clear();
    }

    private void Administer(SimulatedHandle handle)
    {
        if (IsSlow)
        {
            return;
        }

        Directly(() =>
        {
            switch (_world.Random.Next(14))
            {
                case 0 or 1:
                    Try("peek", handle, () => handle.Queue.TryPeek(out _));
                    break;
                case 2 or 3:
                    Try("get dead", handle, () => handle.Queue.GetDeadItems(3));
                    break;
                case 4 or 5:
                    Try("redrive", handle, () => handle.Queue.Redrive());
                    break;
                case 6:
                    Try("delete dead", handle, () => handle.Queue.DeleteDeadItems());
                    break;
                case 7:
                    Try("clear", handle, () => handle.Queue.Clear());
                    break;
                case 10:
                    Try("redrive some", handle, () => handle.Queue.Redrive(SomeDead(handle)));
                    break;
                case 11:
                    Try("delete some dead", handle, () => handle.Queue.DeleteDead(SomeDead(handle)));
                    break;
                case 12:
                    Try("get held", handle, () => handle.Queue.GetHeldItems(3));
                    break;
                case 13:
                    Try("update queue", handle, () => Update(handle.Queue.Name));
                    break;
                case 8 when _world.MayEndQueues:
                    _world.SomethingWasCompleted = true;
                    Try("complete", handle, () => handle.Queue.Complete(discard: _world.Random.Next(2) == 0));
                    break;
                case 9 when _world.MayEndQueues:
                    _world.SomethingWasCompleted = true;
                    Begin("delete queue", handle, Timeout.InfiniteTimeSpan, call => _client.DeleteQueueAsync(handle.Queue.Name, call.Token));
                    break;
            }
        });
    }

    private long[] SomeDead(SimulatedHandle handle) => [.. handle.Queue.GetDeadItems(3).Select(item => item.Sequence).Where(_ => _world.Random.Next(2) == 0)];

    /// <summary>Whoever opens the queue from now on asks for what it has now.</summary>
    private void Update(string name)
    {
        var options = _world.OptionsOf(name);
        var before = options.Capacity;
        options.Capacity = _world.Random.Next(4) * 2;
        try
        {
            _client.UpdateQueue(name, options);
        }
        catch (InvalidOperationException)
        {
            // It was deleted before.
            options.Capacity = before;
        }
        catch
        {
            options.Capacity = before;
            throw;
        }
    }

    /// <summary>A handle is disposed, whatever is under way on it, and another one is opened.</summary>
    private void Reopen(SimulatedHandle handle)
    {
        _world.Tally.Add(_calls.Exists(call => call.Handle == handle) ? "fault: a handle disposed under its calls" : "dispose: an idle handle");
        handle.Dispose();
        _handles.Remove(handle);
        _readers.RemoveAll(reader => reader.Handle == handle);
        Directly(() => Try("open", handle, () => Open(handle.Queue.Name)));
        if (_handles.Count == 0)
        {
            _handles.Add(handle);
        }
    }

    private void Leased(SimulatedHandle handle, QueueLease<SimulatedItem> lease)
    {
        var held = new SimulatedLease(handle, lease);
        _leases.Add(held);
        _world.Ledger.HandedOver(lease.Item.Id, mayBeStale: IsOver || !handle.LeasesLast, () => IsOver || held.IsGivenBack || !handle.LeasesLast);
    }

    // What was in a pipe when it broke still comes out of it, and the item is somebody else's by then.
    private void HandedOver(long id) => _world.Ledger.HandedOver(id, mayBeStale: IsOver, () => IsOver);
}
