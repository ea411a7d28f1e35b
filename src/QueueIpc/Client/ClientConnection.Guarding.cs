namespace QueueIpc.Client;

/// <summary>How a connection finds out that its broker does not answer in time.</summary>
internal sealed partial class ClientConnection
{
    private const long LookAgainMicros = 50_000;

    private readonly Lock _guardLock = new();
    private long _lookAt = long.MaxValue;
    private long _lookedAt = long.MinValue / 2;

    /// <summary>From this time on, at the latest, the broker is late.</summary>
    public void GuardFrom(long at) => LookAt(at == long.MaxValue ? at : at - LookAgainMicros);

    /// <summary>
    /// An answer may be here and unread, if this process was held up until now. So whoever is overdue is looked at twice, and the second look counts if it
    /// comes in time: between the two, this process was awake, and somebody read.
    /// </summary>
    public override void OnDue(long now)
    {
        bool isSecondLook;
        long lookAgainAt;
        lock (_guardLock)
        {
            _lookAt = long.MaxValue;
            var sinceLook = now - _lookedAt;
            isSecondLook = sinceLook is >= LookAgainMicros and < 2 * LookAgainMicros;
            _lookedAt = sinceLook >= LookAgainMicros ? now : _lookedAt;
            lookAgainAt = _lookedAt + LookAgainMicros;
        }

        var next = long.MaxValue;
        foreach (var (id, target) in _calls.All())
        {
            if (target.GuardAt <= now && isSecondLook)
            {
                Overdue(id, target);
            }
            else if (target.GuardAt != long.MaxValue)
            {
                next = Math.Min(next, Math.Max(target.GuardAt - LookAgainMicros, lookAgainAt));
            }
        }

        if (next != long.MaxValue)
        {
            LookAt(next);
        }
    }

    /// <summary>There was no answer in time.</summary>
    public void Overdue(ulong id, IReplyTarget target)
    {
        if (target.OnOverdue(id))
        {
            _calls.Remove(id);
        }

        WakeWhoWaitsForPipe();
    }

    private void LookAt(long at)
    {
        lock (_guardLock)
        {
            if (at >= _lookAt)
            {
                return;
            }

            _lookAt = at;
        }

        Clock.Schedule(this, at);
    }
}
