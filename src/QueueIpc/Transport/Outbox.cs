using QueueIpc.Protocol;

namespace QueueIpc.Transport;

/// <summary>
/// What a session has to say. Anybody may add to it; one thread at a time passes it on, the one at hand if that cannot
/// block, else a thread of the session's own: nobody waits for somebody else's slow pipe.
/// </summary>
/// <param name="link">Where it goes.</param>
/// <param name="bytesMax">How much may wait.</param>
/// <param name="ended">What to do when nothing is sent any more and the link has ended, by whichever thread; perhaps more than once.</param>
/// <param name="syncRoot">What is to be <see cref="SyncRoot"/>, if somebody has more to guard with it.</param>
internal sealed class Outbox(ILink link, long bytesMax, Action? ended = null, object? syncRoot = null)
{
    private const int PieceBytes = 1024 * 1024;

    private readonly object _lock = syncRoot ?? new();
    private OutBuffer _open = new();
    private OutBuffer _sending = new();
    private OutBuffer? _unsaid;
    private int _segment;
    private int _sent;
    private bool _flushing;
    private bool _stuck;
    private bool _endsThen;
    private bool _handedOver;
    private volatile bool _closed;
    private bool _roomIsAwaited;
    private bool _sendingIsAwaited;
    private long _sentInAll;

    // How often what was added became what is being sent, and how often that was done with.
    private long _rounds;
    private long _roundsSent;
    private Action? _drain;
    private Thread? _writer;

    /// <summary>Taken while adding frames to <see cref="Open"/>.</summary>
    public object SyncRoot => _lock;

    /// <summary>Where to add frames, under <see cref="SyncRoot"/>.</summary>
    public OutBuffer Open => _unsaid ?? _open;

    /// <summary>What was added so far is the last word, whoever has more to say. Under <see cref="SyncRoot"/>.</summary>
    public void Finish() => _unsaid ??= new OutBuffer();

    /// <summary>Whether so much waits for the client, items included, that it had better read some before it asks for more.</summary>
    public bool IsCongested => _open.Bytes > bytesMax && !_closed;

    /// <summary>Whether so much was added that it is better sent before more is: only who tries to send finds out that nobody reads.</summary>
    public bool IsWorthFlushing => _open.Bytes > PieceBytes;

    /// <summary>Passes everything on, with this thread as far as that cannot block.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_closed)
            {
                // What a client asked for before it went is done all the same, and nobody is there for the answers.
                Open.Clear();
                return;
            }

            if (_flushing || _open.IsEmpty)
            {
                EndIfTooMuchNeedsLock();
                return;
            }

            _flushing = true;
        }

        Drain(mayBlock: false);
    }

    /// <summary>
    /// Passes everything on, and returns when what this thread has added is on its way, by whichever thread, or the link is over. It waits for whoever reads, if
    /// he is slow: this thread holds no lock.
    /// </summary>
    public void FlushThrough()
    {
        long round;
        lock (_lock)
        {
            round = _open.IsEmpty ? _rounds : _rounds + 1;
        }

        Flush();
        lock (_lock)
        {
            while (_roundsSent < round && !_closed)
            {
                _sendingIsAwaited = true;
                Monitor.Wait(_lock);
            }
        }
    }

    /// <summary>Passes everything on as far as that need not wait, and ends the link. If another thread is at the first just now, it does both.</summary>
    public void FlushAndEnd()
    {
        Flush();
        lock (_lock)
        {
            if (_flushing && !_stuck && !_closed)
            {
                _endsThen = true;
                return;
            }
        }

        End();
    }

    /// <summary>Has the writer thread pass everything on: what is added before it comes to that goes along.</summary>
    public void FlushSoon()
    {
        lock (_lock)
        {
            if (!_flushing && !_closed && !_open.IsEmpty)
            {
                _flushing = true;
                HandOverNeedsLock();
            }
        }
    }

    /// <summary>Waits until the client has read some of what is too much. It is disconnected when it reads nothing for so long.</summary>
    public void AwaitRoom(TimeSpan patience)
    {
        lock (_lock)
        {
            while (IsCongested)
            {
                var sent = Volatile.Read(ref _sentInAll);
                _roomIsAwaited = true;
                if (!Monitor.Wait(_lock, patience) && sent == Volatile.Read(ref _sentInAll))
                {
                    EndNeedsLock();
                }
            }
        }
    }

    /// <summary>Whether nothing is sent any more.</summary>
    public bool IsOver => _closed;

    /// <summary>Nothing is sent any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void End()
    {
        Close();
        link.Abort();
        ended?.Invoke();
    }

    private void Drain(bool mayBlock)
    {
        try
        {
            if (!PassOn(mayBlock))
            {
                return;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client is gone; its own session finds out and cleans up.
        }

        End();
    }

    /// <summary>Sends until nothing is left, or it would have to wait and may not; true when the link is to end then.</summary>
    private bool PassOn(bool mayBlock)
    {
        while (SendRest(mayBlock))
        {
            lock (_lock)
            {
                _sending.Clear();
                _segment = 0;
                _roundsSent = _rounds;
                if (_sendingIsAwaited)
                {
                    _sendingIsAwaited = false;
                    Monitor.PulseAll(_lock);
                }

                _flushing = !_open.IsEmpty && !_closed;
                if (!_flushing)
                {
                    return _endsThen;
                }

                (_open, _sending) = (_sending, _open);
                _rounds++;
                if (_roomIsAwaited)
                {
                    _roomIsAwaited = false;
                    Monitor.PulseAll(_lock);
                }
            }
        }

        lock (_lock)
        {
            if (!_endsThen)
            {
                EndIfTooMuchNeedsLock();
                _stuck = true;
                HandOverNeedsLock();
            }

            return _endsThen;
        }
    }

    /// <summary>Sends what is left of <see cref="_sending"/>; false when it would have to wait and may not.</summary>
    private bool SendRest(bool mayBlock)
    {
        for (var segments = _sending.Segments(); _segment < segments.Count; _segment++, _sent = 0)
        {
            var bytes = segments[_segment].AsSpan();
            while (_sent < bytes.Length)
            {
                var written = link.TryWrite(bytes[_sent..]);
                if (written == 0 && !(mayBlock && TryWait(bytes[_sent..], out written)))
                {
                    return false;
                }

                _sent += written;
                _sentInAll += written;
            }
        }

        return true;
    }

    /// <summary>Sends a piece (so that one can see whether a large item makes its way) and waits for the client to take it, unless it is over by then.</summary>
    private bool TryWait(ReadOnlySpan<byte> rest, out int written)
    {
        written = Math.Min(rest.Length, PieceBytes);
        lock (_lock)
        {
            if (_endsThen)
            {
                return false;
            }

            _stuck = true;
        }

        link.Write(rest[..written]);
        lock (_lock)
        {
            _stuck = false;
        }

        return true;
    }

    private void HandOverNeedsLock()
    {
        if (link.NotifyWritable(_drain ??= GoOn))
        {
            _stuck = true;
            return;
        }

        _handedOver = true;
        _writer ??= BackgroundThread.Start("QueueIpc writer", RunWriter);
        Monitor.PulseAll(_lock);
    }

    /// <summary>It asks for more and more and reads nothing.</summary>
    private void EndIfTooMuchNeedsLock()
    {
        if (!_closed && _open.CopiedBytes > bytesMax)
        {
            EndNeedsLock();
        }
    }

    private void EndNeedsLock()
    {
        _closed = true;
        Monitor.PulseAll(_lock);
        link.Abort();
    }

    private void GoOn()
    {
        lock (_lock)
        {
            _stuck = false;
        }

        Drain(mayBlock: false);
    }

    private void RunWriter()
    {
        while (true)
        {
            lock (_lock)
            {
                while (!_handedOver && !_closed)
                {
                    Monitor.Wait(_lock);
                }

                if (_closed)
                {
                    return;
                }

                _handedOver = _stuck = false;
            }

            Drain(mayBlock: true);
        }
    }
}
