using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>How a reader ends: by itself, by its consumer, by an item that cannot be read, or with its queue or connection.</summary>
internal sealed partial class ItemStream<T>
{
    private enum StreamEnd
    {
        NotYet,
        Completed,
        Deleted,
        Cancelled,
        Refused,
        Lost,
    }

    private byte[]? _refusal;

    /// <summary>Whether it takes nothing any more: it was disposed, or came upon an item that cannot be read.</summary>
    public bool IsStopped => _stopped;

    /// <summary>The handle is disposed. Its consumer gets nothing any more, or what it gets would come to someone else as well.</summary>
    public void Cancel(ulong id) => Stop();

    /// <summary>
    /// Stops reading. What was handed over is confirmed, the rest goes back, and is back when this returns: the next reader may come on
    /// another connection, which the broker could listen to first.
    /// </summary>
    public void Dispose() => Stop()?.Wait(EndWaitMax);

    /// <summary>Like <see cref="Dispose"/>, without a thread.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Stop() is { } ended)
        {
            await ended.WaitAsync(EndWaitMax).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Says how far the consumer came, and that it wants no more. Answers what to wait for until the broker has dealt with that; null when it has.</summary>
    private Task? Stop()
    {
        Task? ended = null;
        bool interrupted;
        lock (_lock)
        {
            interrupted = _interrupted;
            if (!_stopped)
            {
                _stopped = true;
                _handOver.Close();
                DropRest();
                SignalNeedsLock();
                if (_end == StreamEnd.NotYet && !_interrupted)
                {
                    Advance(window: 0);
                    WriteEmpty(Op.Cancel);
                }
            }

            if (_end == StreamEnd.NotYet)
            {
                _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                ended = _arrival.Task;
            }
        }

        if (interrupted)
        {
            _queue.Connection.Overdue(_id, this);
        }

        _queue.Connection.Flush();
        return ended;
    }

    private void End(StreamEnd end)
    {
        Exception? failure;
        bool wasStopped;
        lock (_lock)
        {
            if (_end != StreamEnd.NotYet)
            {
                return;
            }

            _end = end;
            if (end != StreamEnd.Completed)
            {
                // Others may get these now.
                _handOver.Close();
                DropRest();
            }

            (failure, wasStopped) = (Failure(), _stopped);
            SignalNeedsLock();
        }

        // A reader that was stopped knows it, and another one may go on in its place.
        if (!wasStopped && end != StreamEnd.Cancelled)
        {
            _ended?.Invoke(failure);
        }

        _record?.Delete();
        _reading.Dispose();
        _queue.Release();
    }

    private void ThrowIfBroken()
    {
        if (Failure() is { } failure)
        {
            throw failure;
        }
    }

    private Exception? Failure()
    {
        if (_stopped)
        {
            return _queue.IsDisposed ? _queue.Disposed() : new ObjectDisposedException(nameof(ItemStream<>));
        }

        return _end switch
        {
            StreamEnd.Deleted => Errors.Deleted(_queue.Name),
            StreamEnd.Cancelled when _queue.IsDisposed => _queue.Disposed(),
            StreamEnd.Refused => Errors.Refused(_queue.Name, _refusal),
            StreamEnd.Lost when _queue.Refusal is { } refusal => Errors.Refused(_queue.Name, refusal),
            StreamEnd.Lost when _queue.Connection.IsDisposed => new ObjectDisposedException(nameof(QueueClient)),
            StreamEnd.Lost => Errors.Unavailable("Reading", _queue.Name, _queue.Connection, isPut: false),
            _ => null,
        };
    }

    /// <summary>An item that cannot be read ends the reader: it is dead, those before it are confirmed, those behind it go back.</summary>
    private ItemSerializationException Reject(in DeliveredItem delivered, ulong number, Exception why)
    {
        var error = Errors.CannotRead(_queue.Name, typeof(T), why, delivered.Bytes.ToArray(), delivered.Sequence);
        if (_lease)
        {
            _handOver.TryNext(number);
        }

        _handOver.Close();
        Advance(window: 0);
        if (_lease)
        {
            _queue.WriteVerdict(Op.DeadLetter, delivered.Token, why.Message);
        }
        else
        {
            lock (_queue.Connection.SyncRoot)
            {
                var to = _queue.Connection.Out;
                to.BeginFrame(Op.RejectNext, _queue.Id, _id);
                to.Text(ClientQueue.Shorten(why.Message));
                to.EndFrame();
            }
        }

        WriteEmpty(Op.Cancel);
        _stopped = true;
        DropRest();
        _queue.Connection.FlushSoon();
        return error;
    }
}
