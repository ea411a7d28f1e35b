namespace QueueIpc.Core;

/// <summary>Numbered puts: one that comes again, because its answer was lost, is accepted once all the same.</summary>
internal sealed partial class QueueMachine
{
    /// <summary>So many producers are remembered at most.</summary>
    public const int ProducersMax = 10_000;

    /// <summary>So long a producer that puts nothing is remembered at least, unless there are too many. No client tries for that long without having been told so.</summary>
    public const long ProducerTime = 60 * 60 * 1_000_000L;

    private readonly Dictionary<Guid, Producer> _producers = [];

    /// <summary>Nobody who put something after this was forgotten.</summary>
    private long _forgottenUntil = long.MinValue;

    /// <summary>Whether a put came so late again that nobody knows any more whether it was accepted.</summary>
    public bool IsTooLate(in PutNumber number, long now) =>
        number is { IsGiven: true, Age: > 0 } && !_producers.ContainsKey(number.Producer) && now - number.Age <= _forgottenUntil;

    /// <summary>Whether an item had this sequence number, and none has it any more: it was done with, or removed.</summary>
    public bool IsGone(long sequence) => sequence <= _lastSequence && !_fresh.Has(sequence) && !_far.Has(sequence)
        && _returned.UnorderedItems.All(item => item.Element.Sequence != sequence)
        && _holds.InUse.All(hold => hold.Item.Sequence != sequence)
        && _dead.All(dead => dead.Item.Sequence != sequence)
        && _attachments.All(who => who.Waiters.Values.OfType<Subscription>().All(subscription => !subscription.Taken.Has(sequence)));

    /// <summary>Leaves out what was accepted before, and answers whether what is left then was refused before.</summary>
    private bool SkipAccepted(ref ItemBatch batch, ref PutNumber number)
    {
        if (!number.IsGiven || !_producers.TryGetValue(number.Producer, out var producer))
        {
            return false;
        }

        if (producer.AcceptedOf(number, batch.Count) is > 0 and var before)
        {
            (batch, number) = (batch.Behind(batch.Fitting(before, long.MaxValue)), number.Behind(before));
        }

        return producer.WasRefused(number);
    }

    private void RememberAccepted(in PutNumber number, int count, long now)
    {
        if (!number.IsGiven)
        {
            return;
        }

        if (!_producers.TryGetValue(number.Producer, out var producer))
        {
            ForgetProducers(now);
            _producers.Add(number.Producer, producer = new Producer(number.Producer));
        }

        producer.Accept(number, count);
        producer.At = now;
        if (_changes is not null)
        {
            Remember(new Change(ChangeKind.Numbered, Producer: producer.ToStored()));
        }
    }

    /// <summary>Before there are too many: those that have not put anything for long, or, if that is not enough, the oldest quarter.</summary>
    private void ForgetProducers(long now)
    {
        if (_producers.Count < ProducersMax)
        {
            return;
        }

        var byAge = _producers.OrderBy(producer => producer.Value.At).ToArray();
        foreach (var (id, producer) in byAge.TakeWhile((producer, place) => producer.Value.At < now - ProducerTime || place < ProducersMax / 4))
        {
            _forgottenUntil = Math.Max(_forgottenUntil, producer.At);
            _producers.Remove(id);
            if (_changes is not null)
            {
                Remember(new Change(ChangeKind.Forgotten, Producer: producer.ToStored()));
            }
        }
    }

    private void Restore(IReadOnlyList<StoredProducer> producers, long now)
    {
        // Who is not there was never there, or was forgotten, which happens to the oldest first.
        _forgottenUntil = producers.Count < ProducersMax / 2 ? now - ProducerTime : producers.Min(producer => producer.At);
        foreach (var producer in producers)
        {
            _producers.Add(producer.Id, new Producer(producer.Id, producer.Last, producer.Missing) { At = producer.At });
        }
    }
}
