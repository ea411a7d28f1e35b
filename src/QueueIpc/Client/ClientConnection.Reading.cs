using QueueIpc.Protocol;
using QueueIpc.Transport;

namespace QueueIpc.Client;

/// <summary>
/// Who reads. One thread at a time does, the leader, and brings every answer to where it belongs. A thread that waits for an
/// answer leads if nobody does: its answer then costs no hop from one thread to another. When it has it, the next
/// waiting thread leads, or, for those who wait without a thread, one in the background.
/// </summary>
internal sealed partial class ClientConnection
{
    /// <summary>The largest answer that is not one item: a list of many queues, say.</summary>
    private const int AnswerBytesMax = 64 * 1024 * 1024;

    private const string RefusedByBroker = "the broker says: ";

    private readonly object _readLock = new();
    private readonly List<PendingCall> _followers = [];
    private bool _hasLeader;
    private bool _linkClosed;
    private int _waitingWithoutThread;
    private Thread? _background;

    /// <summary>Waits for the call with this thread, reading for all if nobody else does.</summary>
    public void ReadUntilEnded(PendingCall call)
    {
        if (_link.Pushes)
        {
            call.WaitEnded();
            return;
        }

        while (call.State == CallState.Waiting || call.Promoted)
        {
            if (BecomeLeaderOrFollower(call))
            {
                ReadUntil(call, deadline: null);
                LeaveLead();
                return;
            }

            call.WaitEnded();
            StopFollowing(call);
        }
    }

    /// <summary>As long as it is not disposed, somebody reads.</summary>
    public BackgroundReading ReadInBackground()
    {
        if (_link.Pushes)
        {
            return default;
        }

        lock (_readLock)
        {
            _waitingWithoutThread++;
            if (!_hasLeader)
            {
                WakeBackgroundNeedsLock();
            }
        }

        return new BackgroundReading(this);
    }

    private bool BecomeLeaderOrFollower(PendingCall call)
    {
        lock (_readLock)
        {
            if (call.Promoted)
            {
                call.Promoted = false;
                return true;
            }

            if (!_hasLeader)
            {
                _hasLeader = true;
                return true;
            }

            _followers.Add(call);
            return false;
        }
    }

    private void StopFollowing(PendingCall call)
    {
        lock (_readLock)
        {
            // Who was promoted is no follower any more; the lead is his, even if he has no use for it.
            if (!call.Promoted)
            {
                _followers.Remove(call);
            }
        }
    }

    /// <summary>Reads as leader until the call has ended. Without a deadline the call's own guard holds.</summary>
    private void ReadUntil(PendingCall call, long? deadline)
    {
        while (call.State == CallState.Waiting && !IsLost)
        {
            if (!ReadOnce(deadline ?? call.GuardAt))
            {
                Overdue(call.Id, call);
                if (deadline is not null)
                {
                    return;
                }
            }
        }
    }

    /// <summary>False when nothing came in time. It is looked at least once: what has arrived in time counts.</summary>
    private bool ReadOnce(long until = long.MaxValue)
    {
        if (_state != QueueClientState.Connected)
        {
            return WaitForPipe(until);
        }

        try
        {
            var timeoutMs = until == long.MaxValue ? Timeout.Infinite : (int)Math.Clamp((until - Clock.Now + 999) / 1000, 0, int.MaxValue);
            var bytes = _link.Read(_reader.FreeSpace(), timeoutMs);
            if (bytes == Link.NothingYet)
            {
                return false;
            }

            if (bytes == 0)
            {
                LosePipe(_reader.IsInsideFrame ? "the broker went away in the middle of an answer" : "the broker went away");
                return true;
            }

            _reader.Received(bytes);
            Dispatch();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            LosePipe($"the broker went away ({e.Message.TrimEnd('.')})");
        }

        return true;
    }

    /// <summary>Takes bytes from a broker in this same process.</summary>
    private void Receive(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _reader.Take(ref bytes);
            Dispatch();
        }
    }

    private void Dispatch()
    {
        try
        {
            while (_reader.TryRead(out var header, out var body))
            {
                AnswerCheck.Check(header, body, Version);
                if (header.Op == Op.Error)
                {
                    var error = new BodyReader(body);
                    var code = (ErrorCode)error.UInt16();
                    _endedWith = code;
                    var why = $"{RefusedByBroker}{code}, {error.Text()}";
                    if (code == ErrorCode.Stopping)
                    {
                        LosePipe(why);
                    }
                    else
                    {
                        Lose(why);
                    }
                }
                else if (_calls.TryFind(header.Request, out var target) && target.OnFrame(header, body))
                {
                    _calls.Remove(header.Request);
                }
            }
        }
        catch (ProtocolException e)
        {
            Lose($"the broker broke the protocol: {e.Message}");
        }
    }

    private void LeaveLead()
    {
        PendingCall? next = null;
        lock (_readLock)
        {
            if (_followers.Count > 0)
            {
                next = _followers[^1];
                _followers.RemoveAt(_followers.Count - 1);
                next.Promoted = true;
            }
            else
            {
                _hasLeader = false;
                if (_waitingWithoutThread > 0)
                {
                    WakeBackgroundNeedsLock();
                }
            }
        }

        next?.Wake();
        if (IsLost)
        {
            CloseIfUnused(_link);
        }
    }

    private void WakeBackgroundNeedsLock()
    {
        _background ??= BackgroundThread.Start("QueueIpc reader", RunBackground);
        Monitor.PulseAll(_readLock);
    }

    private void RunBackground()
    {
        while (true)
        {
            lock (_readLock)
            {
                while ((_waitingWithoutThread == 0 || _hasLeader) && !IsLost)
                {
                    Monitor.Wait(_readLock);
                }

                if (IsLost)
                {
                    return;
                }

                _hasLeader = true;
            }

            do
            {
                ReadOnce();
            }
            while (Volatile.Read(ref _waitingWithoutThread) > 0 && !IsLost);
            LeaveLead();
        }
    }

    private void CloseIfUnused(ILink link)
    {
        lock (_readLock)
        {
            Monitor.PulseAll(_readLock);
            if (ReferenceEquals(link, _link))
            {
                if (_hasLeader || _linkClosed || !IsLost || !_outbox.IsOver)
                {
                    return;
                }

                _linkClosed = true;
            }
        }

        link.Close();
    }

    /// <summary>Somebody who waits without a thread.</summary>
    internal readonly struct BackgroundReading(ClientConnection? connection) : IDisposable
    {
        public void Dispose()
        {
            if (connection is not null)
            {
                lock (connection._readLock)
                {
                    connection._waitingWithoutThread--;
                }
            }
        }
    }
}
