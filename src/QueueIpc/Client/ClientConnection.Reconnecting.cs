namespace QueueIpc.Client;

/// <summary>
/// How a connection rides out a restart of its broker. Its pipe is replaced by another one, its queues are opened again, and what was not answered is
/// sent again, in the order in which it was sent before. Whoever waits does not notice, apart from the time.
/// </summary>
internal sealed partial class ClientConnection
{
    private const int LongestPauseMs = 100;

    private readonly HashSet<ClientQueue> _queues = [];
    private readonly Lock _oneAtATime = new();
    private volatile QueueClientState _state = QueueClientState.Connected;
    private TimeSpan _reconnectTimeout;
    private CancellationTokenSource? _stopReconnecting;
    private byte[] _instanceToken = [];
    private long _sent;
    private readonly Dictionary<string, PutNumbers> _putNumbers = new(StringComparer.Ordinal);

    /// <summary>Counts the pipes that it has had. Under <see cref="SyncRoot"/>; whoever reads knows that it stays the same meanwhile.</summary>
    public int Epoch { get; private set; } = 1;

    /// <summary>Whether there is a broker at the other end at this moment, as far as is known.</summary>
    public QueueClientState State => IsLost ? QueueClientState.Lost : _state;

    /// <summary>Told of each new state, by a thread that must not be held up.</summary>
    public Action<QueueClientState>? StateChanged { get; set; }

    /// <summary>What to do when the broker comes back without the items of its last life.</summary>
    public WhenItemsAreLost WhenItemsAreLost { get; private init; }

    private bool Reconnects => _reconnectTimeout != TimeSpan.Zero;

    /// <summary>Who it is to a broker that it comes back to.</summary>
    private Guid Producer { get; init; } = Guid.NewGuid();

    /// <summary>The frame of this call is written, and can be written again. Under <see cref="SyncRoot"/>.</summary>
    public void EndFrame(PendingCall call)
    {
        Out.EndFrame();
        if (Reconnects)
        {
            call.Remember(Out, ++_sent, isOnItsWay: _state == QueueClientState.Connected);
        }
    }

    /// <summary>How puts into this queue are numbered; null where they cannot come again.</summary>
    public PutNumbers? NumbersOf(string queue)
    {
        if (!Reconnects || QueueNames.IsUnnamed(queue))
        {
            return null;
        }

        lock (SyncRoot)
        {
            if (!_putNumbers.TryGetValue(queue, out var numbers))
            {
                _putNumbers.Add(queue, numbers = new PutNumbers());
            }

            return numbers;
        }
    }

    /// <summary>Writes the frame of a put for the first time. Under <see cref="SyncRoot"/>.</summary>
    public void WritePut(PendingCall call, int count)
    {
        if (count > 0)
        {
            call.NumberPut(count);
        }

        call.WritePut(Out, count);
        EndFrame(call);
    }

    /// <summary>A queue whose opening was answered is opened again with every new pipe. False when the pipe that it was opened on is gone already.</summary>
    public bool TryKeepOpen(ClientQueue queue, int epoch)
    {
        if (!Reconnects)
        {
            return true;
        }

        lock (SyncRoot)
        {
            return epoch == Epoch && _state == QueueClientState.Connected && _queues.Add(queue);
        }
    }

    /// <summary>The queue is closed, on this pipe and every other.</summary>
    public void Forget(ClientQueue queue)
    {
        lock (SyncRoot)
        {
            _queues.Remove(queue);
        }
    }

    /// <summary>The pipe is gone. Where that is not the end, somebody else looks for another one; what waits goes on waiting.</summary>
    private bool TryInterrupt(string why)
    {
        if (!Reconnects || _disposed)
        {
            return false;
        }

        if (!TryBeginReconnecting(from: QueueClientState.Connected, why))
        {
            return true;
        }

        OldBrokers.Remove(Endpoint);
        _outbox.FlushAndEnd();
        Leases.Forget();
        foreach (var (id, target) in _calls.All())
        {
            if (target.OnInterrupted(id))
            {
                _calls.Remove(id);
            }

            GuardFrom(target.GuardAt);
        }

        Log.Reconnecting(Logger, Endpoint, why);
        BeginReconnecting();
        return true;
    }

    /// <summary>A call after the time was over tries anew.</summary>
    private void ReconnectIfAway()
    {
        if (_state == QueueClientState.Lost && TryBeginReconnecting(from: QueueClientState.Lost, _interruptedBecause))
        {
            BeginReconnecting();
        }
    }

    private bool TryBeginReconnecting(QueueClientState from, string? why)
    {
        lock (_readLock)
        {
            if (_state != from || IsLost)
            {
                return false;
            }

            (_interruptedBecause, _state) = (why, QueueClientState.Reconnecting);
            _stopReconnecting = new CancellationTokenSource();
            return true;
        }
    }

    private void BeginReconnecting() => BackgroundThread.Start("QueueIpc reconnecting", () =>
    {
        // The thread before may not have told yet that there was a broker.
        lock (_oneAtATime)
        {
            Reconnect();
        }
    });

    private void Reconnect()
    {
        StateChanged?.Invoke(QueueClientState.Reconnecting);
        var deadline = _reconnectTimeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Clock.Now + (_reconnectTimeout.Ticks / TimeSpan.TicksPerMicrosecond);
        var stop = _stopReconnecting!.Token;
        try
        {
            for (var pauseMs = 1; ; pauseMs = Math.Min(pauseMs * 2, LongestPauseMs))
            {
                if (TryFindNext(deadline, stop) is { } next && TryGoOnWith(next))
                {
                    return;
                }

                if (Clock.Now >= deadline)
                {
                    break;
                }

                // Thousands lose their broker at the same moment, and must not come back at the same one.
                stop.WaitHandle.WaitOne(Random.Shared.Next(pauseMs / 2, pauseMs + 1));
                stop.ThrowIfCancellationRequested();
            }

            GiveUp($"{_interruptedBecause}, and no broker came back within {Errors.Describe(_reconnectTimeout)}");
        }
        catch (OperationCanceledException)
        {
            // The client was disposed.
        }
        catch (UnauthorizedAccessException e)
        {
            GiveUp($"{_interruptedBecause}, and {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Another connection to whoever serves the endpoint now; null if nobody does, or it takes nobody in.</summary>
    private ClientConnection? TryFindNext(long deadline, CancellationToken stop)
    {
        try
        {
            var left = deadline == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMicroseconds(Math.Max(0, deadline - Clock.Now));
            return Connect(Endpoint, left, stop, producer: Producer);
        }
        catch (BrokerUnavailableException)
        {
            return null;
        }
    }

    private void GiveUp(string why)
    {
        lock (_readLock)
        {
            if (_state != QueueClientState.Reconnecting)
            {
                return;
            }

            _lostLastBecause = why;
            _state = QueueClientState.Lost;
        }

        foreach (var (_, target) in _calls.TakeAll())
        {
            target.OnLost();
        }

        WakeWhoWaitsForPipe();
        Log.ConnectionLost(Logger, Endpoint, why);
        StateChanged?.Invoke(QueueClientState.Lost);
    }

    private void WakeWhoWaitsForPipe()
    {
        if (_state != QueueClientState.Connected)
        {
            lock (_readLock)
            {
                Monitor.PulseAll(_readLock);
            }
        }
    }

    /// <summary>Until there is another pipe, or none any more, or the time is over (false).</summary>
    private bool WaitForPipe(long until)
    {
        lock (_readLock)
        {
            if (_state == QueueClientState.Connected || IsLost)
            {
                return true;
            }

            if (until == long.MaxValue)
            {
                return Monitor.Wait(_readLock);
            }

            var leftMs = (until - Clock.Now + 999) / 1000;
            return leftMs > 0 && Monitor.Wait(_readLock, (int)Math.Min(leftMs, int.MaxValue));
        }
    }
}
