using QueueIpc.Transport;

namespace QueueIpc.Broker;

/// <summary>
/// The outboxes that a thread has added to and will flush when it has done all that lay before it:
/// many answers then leave together. Belongs to one thread at a time.
/// </summary>
internal sealed class FlushList
{
    private readonly List<Outbox> _outboxes = [];

    public void Add(Outbox outbox)
    {
        if (!_outboxes.Contains(outbox))
        {
            _outboxes.Add(outbox);
        }
    }

    public void Flush()
    {
        foreach (var outbox in _outboxes)
        {
            outbox.Flush();
        }

        _outboxes.Clear();
    }
}
