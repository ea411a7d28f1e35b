using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>The broker's answers to puts whose caller goes on: how many have not come yet, and whether one was no success.</summary>
internal sealed class Receipts : IReplyTarget
{
    private readonly object _lock = new();
    private int _expected;
    private bool _failed;

    public ClientQueue? Owner => null;

    /// <summary>The broker takes its time when its memory is short.</summary>
    public long GuardAt => long.MaxValue;

    public void Expect()
    {
        lock (_lock)
        {
            _expected++;
        }
    }

    /// <summary>Waits until no more than <paramref name="left"/> answers are still to come; false when what was put has no place any more.</summary>
    public bool WaitUntil(int left)
    {
        lock (_lock)
        {
            while (_expected > left && !_failed)
            {
                Monitor.Wait(_lock);
            }

            return !_failed;
        }
    }

    public bool OnFrame(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        End(header.Op == Op.Done);
        return true;
    }

    public void OnLost() => End(accepted: false);

    private void End(bool accepted)
    {
        lock (_lock)
        {
            _expected--;
            _failed |= !accepted;
            Monitor.PulseAll(_lock);
        }
    }
}
