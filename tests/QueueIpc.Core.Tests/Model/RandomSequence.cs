using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests.Model;

/// <summary>One random life of a queue: every step is done to the machine and to the model, and both must agree on everything.</summary>
internal sealed class RandomSequence
{
    private const int ClientsMax = 4;

    private static readonly (int Weight, Action<RandomSequence> Step)[] Steps =
    [
        (20, sequence => sequence.Put()),
        (12, sequence => sequence.Get()),
        (4, sequence => sequence.Subscribe()),
        (8, sequence => sequence.Advance()),
        (4, sequence => sequence.Return()),
        (2, sequence => sequence.RejectNext()),
        (4, sequence => sequence.Cancel()),
        (10, sequence => sequence.Ack()),
        (6, sequence => sequence.Nack()),
        (4, sequence => sequence.NackWithDelay()),
        (4, sequence => sequence.Release()),
        (4, sequence => sequence.Extend()),
        (3, sequence => sequence.DeadLetter()),
        (14, sequence => sequence.Tick()),
        (3, sequence => sequence.Detach()),
        (3, sequence => sequence.Attach()),
        (3, sequence => sequence.Join()),
        (2, sequence => sequence.Redrive()),
        (2, sequence => sequence.RedriveSome()),
        (1, sequence => sequence.DeleteDead()),
        (1, sequence => sequence.DeleteSomeDead()),
        (2, sequence => sequence.Update()),
        (1, sequence => sequence.Clear()),
        (2, sequence => sequence.ChangeMemory()),
        (1, sequence => sequence.Complete()),
        (2, sequence => sequence.Restart()),
        (20, sequence => sequence.Arrive()),
    ];

    private static readonly int WeightTotal = Steps.Sum(step => step.Weight);

    private readonly Random _random;
    private readonly Tally _tally;
    private readonly List<string>? _transcript;
    private readonly long _memoryLimit;
    private readonly int _heldMax;
    private readonly Nearness? _near;
    private readonly KeptQueue _kept;
    private readonly Queue<(Reading Reading, IReadOnlyList<ItemRun> Runs)> _readings = new();
    private Memory _memory;
    private QueueMachine _machine;
    private readonly ModelQueue _model;

    private readonly List<Attachment> _clients = [];
    private readonly List<int> _connected = [];
    private readonly List<ModelDelivery> _deliveries = [];
    private readonly HashSet<ulong> _tokens = [];
    private readonly HashSet<long> _seen = [];
    private readonly HashSet<(long Sequence, long DiedAt)> _died = [];
    private readonly List<(int Client, ulong Id)> _requests = [];
    private readonly Dictionary<(int Client, ulong Id), (string Kind, int Step)> _open = [];
    private readonly List<ModelEffect> _answers = [];
    private readonly List<ModelEffect> _deliveriesDue = [];
    private ulong _lastRequest;
    private int _lastContent;
    private int _step;
    private long _now = 1000;

    public RandomSequence(int seed, Tally tally, List<string>? transcript = null)
    {
        _random = new Random(seed);
        _tally = tally;
        _transcript = transcript;
        var settings = NewSettings(maxDead: Pick(0, 1, 2, 100));
        _near = _random.Next(2) == 0 ? new Nearness(Pick(0, 0, 12, 40), Pick(1, 12, 40)) : null;
        _memoryLimit = _near is null && _random.Next(2) == 0 ? (3 * (QueueMachine.ItemOverheadBytes + 5)) + Pick(0, QueueMachine.HoldOverheadBytes, 3 * QueueMachine.HoldOverheadBytes) : long.MaxValue / 2;
        _memory = new Memory(_memoryLimit);
        _machine = new QueueMachine(settings, _memory, remembers: true, near: _near);
        _kept = new KeptQueue("q", settings);
        _heldMax = _random.Next(3) == 0 ? _random.Next(1, 6) : int.MaxValue;
        _model = new ModelQueue(settings, _memoryLimit, _heldMax) { IsAway = sequence => _machine.IsAway(sequence) };
        _transcript?.Add($"{settings}, memory {_memoryLimit}, {_heldMax} may be held, {_near}");
        Attach();
        Attach();
    }

    public void Run(int steps)
    {
        for (_step = 1; _step <= steps; _step++)
        {
            // Not every step is preceded by a tick: a broker may be a little late.
            _now += _random.Next(3) == 0 ? 1 : 0;
            var lot = _random.Next(WeightTotal);
            var choice = 0;
            while (lot >= Steps[choice].Weight)
            {
                lot -= Steps[choice++].Weight;
            }

            Steps[choice].Step(this);
            Compare();
        }

        if (_random.Next(2) == 0)
        {
            Delete();
            Compare();
            Assert.Equal(0, _memory.Used);
            Put();
            Compare();
            Get();
            Compare();
            Subscribe();
            Compare();
            Join();
            Compare();
        }
        else
        {
            while (_connected.Count > 0)
            {
                Detach();
                Compare();
            }

            Assert.Equal(0, _machine.Count(_now).Held);
        }

        Assert.Empty(_open);
    }

    private void Attach()
    {
        if (_connected.Count == ClientsMax)
        {
            return;
        }

        // Some have opened the queue before, under another number.
        var share = _connected.Count > 0 && _random.Next(3) == 0 ? _clients[_connected[_random.Next(_connected.Count)]].Share : new ClientShare(_heldMax);
        Say("attach");
        _connected.Add(_clients.Count);
        _model.Attach(_clients.Count, share);
        _clients.Add(_machine.Attach(_clients.Count, share: share));
    }

    private void Detach()
    {
        if (!TryPickClient(out var client))
        {
            return;
        }

        var failed = _random.Next(2) == 0;
        Say($"detach {client} failed {failed}");
        _connected.Remove(client);
        foreach (var request in _open.Keys.Where(request => request.Client == client).ToArray())
        {
            _tally.Add("detach: request dropped");
            _open.Remove(request);
        }

        _machine.Detach(_clients[client], failed, _now);
        _model.Detach(client, failed, _now);
    }

    private void Put()
    {
        if (!TryPickClient(out var client))
        {
            return;
        }

        var contents = Enumerable.Range(0, Pick(0, 1, 1, 1, 2, 3, 5)).Select(_ => NewContent()).ToArray();
        var kind = contents.Length switch { 0 => "put of none", 1 => "put", _ => "put of several" };
        var request = Open(client, kind);
        var deadline = PickDeadline();
        Say($"{client} put #{request} of {string.Join(',', contents.Select(content => content?.Length ?? -1))} until {deadline}");
        _machine.Put(_clients[client], request, Batches.Of(contents), deadline, _now);
        _model.Put(client, request, contents, deadline, _now);
    }

    private void Get()
    {
        if (!TryPickClient(out var client))
        {
            return;
        }

        var lease = _random.Next(2) == 0;
        var maxItems = Pick(1, 1, 2, 4);
        var request = Open(client, lease ? "lease" : "get");
        var deadline = PickDeadline();
        Say($"{client} get #{request} lease {lease} max {maxItems} until {deadline}");
        _machine.Get(_clients[client], request, lease, maxItems, deadline, _now);
        _model.Get(client, request, lease, maxItems, deadline, _now);
    }

    private void Subscribe()
    {
        if (!TryPickClient(out var client))
        {
            return;
        }

        var lease = _random.Next(2) == 0;
        var windowItems = Pick(0, 1, 2, 4, 24);
        long windowBytes = Pick(1, 10, 1000);
        var canReturn = _random.Next(4) > 0;
        var request = Open(client, "subscription");
        Say($"{client} subscribe #{request} lease {lease} window {windowItems} items {windowBytes} bytes, can return {canReturn}");
        _machine.Subscribe(_clients[client], request, lease, windowItems, windowBytes, _now, canReturn);
        _model.Subscribe(client, request, lease, windowItems, windowBytes, _now, canReturn);
    }

    private void Advance()
    {
        var (client, request) = PickSubscription();
        if (request == 0)
        {
            return;
        }

        var subscription = _model.Requests.FirstOrDefault(open => open.Client == client && open.Id == request);
        var confirmed = (subscription?.Confirmed ?? 0) + (ulong)_random.Next((subscription?.Ahead.Count ?? 0) + 1);
        confirmed = _random.Next(20) switch { 0 => confirmed + 10, 1 => confirmed - 1, _ => confirmed };
        var windowItems = Pick(0, 1, 2, 4, 24);
        Say($"{client} advance #{request} to {confirmed} window {windowItems}");
        var done = _machine.Advance(_clients[client], request, confirmed, windowItems, _now);
        Same("advance", done, () => _model.Advance(client, request, confirmed, windowItems, _now));
    }

    private void Return()
    {
        var (client, request) = PickSubscription();
        if (request == 0)
        {
            return;
        }

        var subscription = _model.Requests.FirstOrDefault(open => open.Client == client && open.Id == request);
        var confirmed = (subscription?.Confirmed ?? 0) + (ulong)_random.Next((subscription?.Ahead.Count ?? 0) + 1);
        var last = (subscription?.Confirmed ?? 0) + (ulong)(subscription?.Ahead.Count ?? 0);
        last = _random.Next(20) switch { 0 => last + 1, 1 => confirmed - 1, < 10 => confirmed, _ => last };
        Say($"{client} return of #{request} what is behind {confirmed}, up to {last}");
        var done = _machine.Return(_clients[client], request, confirmed, last, _now);
        Same("return", done, () => _model.Return(client, request, confirmed, last, _now));
    }

    private void RejectNext()
    {
        var (client, request) = PickSubscription();
        if (request == 0)
        {
            return;
        }

        Say($"{client} reject next of #{request}");
        var done = _machine.RejectNext(_clients[client], request, "unreadable", _now);
        Same("reject", done, () => _model.RejectNext(client, request, "unreadable", _now));
    }

    private void Cancel()
    {
        if (_requests.Count == 0)
        {
            return;
        }

        var open = _model.Requests;
        var (client, request) = open.Count > 0 && _random.Next(4) > 0
            ? (open[_random.Next(open.Count)].Client, open[_random.Next(open.Count)].Id)
            : _requests[_random.Next(_requests.Count)];
        Say($"{client} cancel #{request}");
        _tally.Add(_open.ContainsKey((client, request)) ? "cancel: in time" : "cancel: too late");
        _machine.Cancel(_clients[client], request, _now);
        _model.Cancel(client, request, _now);
    }

    private void Ack()
    {
        if (TryPickDelivery(out var delivery, out var client, out var token))
        {
            Say($"{client} ack {delivery.Item.Sequence}");
            Same("ack", _machine.Ack(_clients[client], token, _now), () => _model.Ack(delivery, client, _now));
        }
    }

    private void Nack()
    {
        if (TryPickDelivery(out var delivery, out var client, out var token))
        {
            var reason = Pick(0, 1) == 0 ? "its consumers failed with it" : "it is cold";
            Say($"{client} nack {delivery.Item.Sequence}: {reason}");
            Same("nack", _machine.Nack(_clients[client], token, 0, _now, reason), () => _model.Nack(delivery, client, 0, _now, reason));
        }
    }

    private void NackWithDelay()
    {
        if (TryPickDelivery(out var delivery, out var client, out var token))
        {
            var delay = Pick(1, 5, 30);
            Say($"{client} nack {delivery.Item.Sequence} delay {delay}");
            Same("nack with delay", _machine.Nack(_clients[client], token, delay, _now), () => _model.Nack(delivery, client, delay, _now));
            _tally.Add($"nack with delay: then {delivery.Item.State}");
        }
    }

    private void Release()
    {
        if (TryPickDelivery(out var delivery, out var client, out var token))
        {
            Say($"{client} release {delivery.Item.Sequence}");
            Same("release", _machine.Release(_clients[client], token, _now), () => _model.Release(delivery, client, _now));
        }
    }

    private void Extend()
    {
        if (TryPickDelivery(out var delivery, out var client, out var token))
        {
            var duration = _random.Next(4) == 0 ? Timed.Never : Pick(0, 3, 40);
            Say($"{client} extend {delivery.Item.Sequence} by {duration}");
            Same("extend", _machine.Extend(_clients[client], token, duration, _now), () => _model.Extend(delivery, client, duration, _now));
        }
    }

    private void DeadLetter()
    {
        if (TryPickDelivery(out var delivery, out var client, out var token))
        {
            Say($"{client} dead-letter {delivery.Item.Sequence}");
            Same("dead-letter", _machine.DeadLetter(_clients[client], token, "no good", _now), () => _model.DeadLetter(delivery, client, "no good", _now));
        }
    }

    private void Tick()
    {
        _now += Pick(0, 1, 3, 8, 30);
        Say("tick");
        _tally.Add(_model.NextDeadline <= _now ? "tick: something due" : "tick: nothing due");
        _machine.Tick(_now);
        _model.Tick(_now);
    }

    private void Join()
    {
        if (!TryPickClient(out var client))
        {
            return;
        }

        var request = Open(client, "join");
        var deadline = PickDeadline();
        Say($"{client} join #{request} until {deadline}");
        _machine.Join(_clients[client], request, deadline, _now);
        _model.Join(client, request, deadline, _now);
    }

    private void Redrive()
    {
        Say("redrive");
        var count = _machine.Redrive(_now);
        Assert.Equal(_model.Redrive(_now), count);
        _tally.Add(count > 0 ? "redrive: some" : "redrive: none");
    }

    private void DeleteDead()
    {
        Say("delete dead");
        var count = _machine.DeleteDead(_now);
        Assert.Equal(_model.DeleteDead(_now), count);
        _tally.Add(count > 0 ? "delete dead: some" : "delete dead: none");
    }

    private void RedriveSome()
    {
        var some = PickDead();
        Say($"redrive {string.Join(',', some)}");
        var count = _machine.Redrive(some, _now);
        Assert.Equal(_model.Redrive(_now, some), count);
        _tally.Add(count > 0 ? "redrive some: some" : "redrive some: none");
    }

    private void DeleteSomeDead()
    {
        var some = PickDead();
        Say($"delete dead {string.Join(',', some)}");
        var count = _machine.DeleteDead(some, _now);
        Assert.Equal(_model.DeleteDead(_now, some), count);
        _tally.Add(count > 0 ? "delete some dead: some" : "delete some dead: none");
    }

    private void Update()
    {
        var settings = NewSettings(maxDead: _machine.Settings.MaxDead);
        Say($"update to {settings}");
        _tally.Add("update");
        _machine.Update(settings with { MaxDead = 7 }, _now);
        _model.Update(settings, _now);
        Assert.Equal(settings, _machine.Settings);
    }

    private void Clear()
    {
        Say("clear");
        var count = _machine.Clear(_now);
        Assert.Equal(_model.Clear(_now), count);
        _tally.Add(count > 0 ? "clear: some" : "clear: none");
    }

    private void ChangeMemory()
    {
        _memory.UsedByOthers = _model.MemoryUsedByOthers = Pick(0, 70, 140);
        _memory.IsScarce = _near is not null && _random.Next(2) == 0;
        Say($"others use {_memory.UsedByOthers}, scarce {_memory.IsScarce}");
        _tally.Add(_machine.IsStarved ? "resume: starved" : "resume: not starved");
        _machine.Resume(_now);
        _model.Resume(_now);
    }

    private void Complete()
    {
        // Late, or most sequences would be spent on a closed queue.
        if (_random.Next(3) > 0)
        {
            return;
        }

        var discard = _random.Next(2) == 0;
        Say($"complete discard {discard}");
        _tally.Add(discard ? "complete: discard" : "complete: drain");
        _machine.Complete(discard, _now);
        _model.Complete(discard, _now);
    }

    /// <summary>What the machine asked for comes; or what it asked for before that was cleared.</summary>
    private void Arrive()
    {
        if (_readings.TryDequeue(out var next))
        {
            Say($"{next.Reading} arrives");
            var had = _machine.IsAway(next.Reading.First);
            _machine.Arrive(next.Reading, next.Runs, _now);
            _model.Arrive(_now);
            _tally.Add(had ? "arrive: wanted" : "arrive: cleared meanwhile");
        }
    }

    /// <summary>The machine is gone; another goes on from what the first said must be remembered.</summary>
    private void Restart()
    {
        Say("restart");
        _tally.Add(_model.IsIdle ? "restart: idle" : "restart: something was held or waited for");
        _open.Clear();
        _requests.Clear();
        _connected.Clear();
        _tokens.Clear();
        _deliveries.Clear();
        _memory = new Memory(_memoryLimit) { UsedByOthers = _memory.UsedByOthers };
        _memory.IsScarce = _near is not null && _random.Next(4) == 0;
        _readings.Clear();
        var stored = _kept.ToStored();
        if (_near is not null)
        {
            var last = stored.Items.Count == 0 ? 0 : stored.Items[^1].Item.Sequence;
            stored = stored with { Runs = [.. stored.Runs.Select(run => run.First.Sequence > last && _random.Next(2) == 0 ? run.WithoutBytes() : run)] };
        }

        _machine = new QueueMachine(stored.Settings, _memory, remembers: true, near: _near);
        _machine.Restore(stored, _now);
        _model.Restart(_now);
        Attach();
        Attach();
    }

    private void Delete()
    {
        Say("delete");
        _tally.Add("delete");
        _machine.Delete();
        _model.Delete();
    }

    /// <summary>The machine comes first: the model asks it what is here.</summary>
    private void Same(string what, bool actual, Func<bool> model)
    {
        var expected = model();
        Assert.True(expected == actual, $"{what}: the model says {expected}, the machine {actual}");
        _tally.Add($"{what}: {actual}");
    }

    private void Compare()
    {
        CompareEffects();
        Assert.Equal(_model.Counts(_now), _machine.Count(_now));
        Assert.Equal(_model.NextDeadline, _machine.NextDeadline);
        Assert.True(_near is not null || _model.MemoryUsed == _memory.Used, "What is stored is not what memory is taken for");
        Assert.Equal(_model.Requests.Count, _open.Count);
        Assert.True(_machine.IsStarved || !_model.IsStarved, "A put that waits for memory would not be resumed");

        if (_model.FirstReady is not { IsAway: true } || _random.Next(2) == 0)
        {
            Assert.Equal(_model.FirstReady is not { IsAway: true }, _machine.TryPeek(1, 0, out var peeked));
            Assert.Equal(_model.FirstHere is null, peeked.Count == 0);
            if (peeked.Count > 0)
            {
                CompareItem(_model.FirstHere!, peeked[0]);
            }
        }

        if (_machine.TryAsk(out var reading))
        {
            Say($"asks for {reading}");
            _readings.Enqueue((reading, _kept.Read(reading)));
        }

        Assert.True(_readings.Count > 0 || !_model.WaitsForReading, "Somebody waits for what nobody reads");

        var dead = _machine.GetDead(int.MaxValue);
        Assert.Equal(_model.Dead.Count, dead.Count);
        for (var i = 0; i < dead.Count; i++)
        {
            CompareItem(_model.Dead[i], dead[i].Item);
            Assert.Equal(_model.Dead[i].Reason, dead[i].Reason);
            Assert.Equal(_model.Dead[i].DiedAt, dead[i].DiedAt);
            if (_died.Add((dead[i].Item.Sequence, dead[i].DiedAt)))
            {
                _tally.Add($"dead: {dead[i].Reason}");
            }
        }
    }

    /// <summary>Items must come in the same order to the same requests; answers must be the same, and each request's only one.</summary>
    private void CompareEffects()
    {
        _answers.Clear();
        _deliveriesDue.Clear();
        foreach (var effect in _model.Effects)
        {
            (effect.Delivery is null ? _answers : _deliveriesDue).Add(effect);
        }

        var delivered = 0;
        var lastGet = default((int, ulong));
        foreach (var effect in _machine.Effects.Singly())
        {
            var key = ((int)effect.To.Tag!, effect.Request);
            _transcript?.Add($"     {key.Item1} #{effect.Request} {effect.Kind} {effect.Count} {effect.Item.Sequence}");
            if (effect.Kind == EffectKind.Delivered)
            {
                Assert.True(delivered < _deliveriesDue.Count, "An item was delivered that should not be");
                CompareDelivery(_deliveriesDue[delivered++], effect, ref lastGet);
                continue;
            }

            lastGet = default;
            if (effect.Kind == EffectKind.Recall)
            {
                _tally.Add("subscription Recall");
            }
            else
            {
                Answered(key, effect.Kind, effect.Count);
            }

            Assert.True(_answers.Remove(new ModelEffect(effect.Kind, key.Item1, key.Request, effect.Count)), $"The model does not answer {effect.Kind} {effect.Count} to #{effect.Request}");
        }

        Assert.True(delivered == _deliveriesDue.Count, "An item was not delivered that should be");
        Assert.True(_answers.Count == 0, "A request was not answered that should be");
        _machine.ClearEffects();
        _model.Effects.Clear();
        _kept.Apply(_machine.Changes!);
        _memory.GiveBack(_machine.PutAwayBytes);
        _machine.ClearChanges();
    }

    private void CompareDelivery(ModelEffect expected, in Effect effect, ref (int, ulong) lastGet)
    {
        var delivery = expected.Delivery!;
        var key = ((int)effect.To.Tag!, effect.Request);
        Assert.Equal((expected.Client, expected.Request, delivery.Lease), (key.Item1, key.Request, effect.Lease));
        CompareItem(delivery.Item, effect.Item, delivery);
        Assert.Equal(1, effect.Count);
        Assert.Equal(delivery.WithoutToken, effect.Token == 0);
        Assert.True(effect.Token == 0 || _tokens.Add(effect.Token), "A token was given out twice");
        _tally.Add(effect.Item.Failures > 0 ? "item: delivered after a failure" : _seen.Add(effect.Item.Sequence) ? "item: delivered first" : "item: delivered again");
        delivery.Token = effect.Token;
        _deliveries.Add(delivery);

        var isSubscription = _open.TryGetValue(key, out var request) && request.Kind == "subscription";
        if (isSubscription)
        {
            _tally.Add(effect.Lease ? "subscription Delivered a lease" : "subscription Delivered");
        }
        else if (lastGet != key)
        {
            Answered(key, EffectKind.Delivered, 0);
        }

        lastGet = isSubscription ? default : key;
    }

    private void Answered((int, ulong) key, EffectKind kind, int count)
    {
        Assert.True(_open.Remove(key, out var request), $"#{key.Item2} was answered twice, or never asked");
        var isPart = count > 0 && kind != EffectKind.Accepted;
        _tally.Add($"{request.Kind} {kind} {(request.Step == _step ? "at once" : "later")}{(isPart ? ", in part" : string.Empty)}");
    }

    private static void CompareItem(ModelItem expected, in Item actual, ModelDelivery? delivery = null)
    {
        Assert.Equal(expected.Sequence, actual.Sequence);
        Assert.Equal(expected.PutAt, actual.PutAt);
        Assert.Equal(delivery?.Failures ?? expected.Failures, actual.Failures);
        Assert.Equal(expected.Content?.Length ?? Item.NullLength, actual.Length);
        Assert.True(actual.Bytes.SequenceEqual(expected.Content), $"The bytes of {expected.Sequence} have changed");
    }

    private ulong Open(int client, string kind)
    {
        var request = ++_lastRequest;
        _requests.Add((client, request));
        _open.Add((client, request), (kind, _step));
        return request;
    }

    private (int Client, ulong Id) PickSubscription()
    {
        var subscriptions = _model.Requests.Where(request => request.IsSubscription).ToArray();
        return subscriptions.Length > 0 && _random.Next(8) > 0
            ? subscriptions.Select(request => (request.Client, request.Id)).ElementAt(_random.Next(subscriptions.Length))
            : _requests.Count > 0 ? _requests[_random.Next(_requests.Count)] : default;
    }

    /// <summary>Mostly what is held, by its holder; sometimes what is no longer, or by somebody else.</summary>
    private bool TryPickDelivery(out ModelDelivery delivery, out int client, out ulong token)
    {
        var live = _random.Next(5) > 0 ? _deliveries.FindAll(one => one.IsLive && !one.WithoutToken) : _deliveries;
        delivery = live.Count > 0 ? live[_random.Next(live.Count)] : null!;
        client = live.Count == 0 ? 0 : _random.Next(10) == 0 ? _random.Next(_clients.Count) : delivery.Client;
        token = delivery?.Token ?? 0;
        return delivery is not null;
    }

    private bool TryPickClient(out int client)
    {
        client = _connected.Count == 0 ? -1 : _connected[_random.Next(_connected.Count)];
        return client >= 0;
    }

    /// <summary>Some of the dead, and a number that none of them has.</summary>
    private HashSet<long> PickDead() => [.. _model.Dead.Select(item => item.Sequence).Where(_ => _random.Next(2) == 0), 1_000_000];

    private QueueSettings NewSettings(int maxDead) => new()
    {
        Capacity = Pick(0, 1, 2, 4),
        MaxBytes = Pick(0, 0, 12, 40),
        LeaseTime = Pick(0, 6, 6, 25, 200),
        MaxFailures = Pick(0, 1, 2, 3),
        MaxDead = maxDead,
    };

    private long PickDeadline() => _random.Next(4) switch
    {
        0 => _now,
        1 => Timed.Never,
        _ => _now + _random.Next(1, 15),
    };

    private byte[]? NewContent()
    {
        if (_random.Next(10) == 0)
        {
            return null;
        }

        var content = new byte[_random.Next(20) == 0 ? 41 : _random.Next(7)];
        Array.Fill(content, (byte)++_lastContent);
        return content;
    }

    private int Pick(params ReadOnlySpan<int> choices) => choices[_random.Next(choices.Length)];

    private void Say(string what) =>
        _transcript?.Add($"{_step,3} {_now,5} {what}");
}
