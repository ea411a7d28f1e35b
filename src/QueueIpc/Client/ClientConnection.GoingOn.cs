using QueueIpc.Transport;

namespace QueueIpc.Client;

/// <summary>How a connection goes on with another pipe: its queues are opened there, and what was not answered is sent again.</summary>
internal sealed partial class ClientConnection
{
    /// <summary>Opens all queues there, takes its pipe, and sends again what was not answered. False when that one is lost as well.</summary>
    private bool TryGoOnWith(ClientConnection next)
    {
        List<ClientQueue> queues;
        lock (SyncRoot)
        {
            queues = [.. _queues];
        }

        var isNewLife = !next._instanceToken.AsSpan().SequenceEqual(_instanceToken);
        var openings = queues.ConvertAll(queue => (Queue: queue, Call: queue.BeginReopen(next)));
        next.Flush();
        foreach (var (_, call) in openings)
        {
            call?.Wait(CancellationToken.None);
        }

        if (next.IsLost || openings.Exists(opening => opening.Call is not { State: CallState.Answered }))
        {
            openings.ForEach(opening => opening.Call?.Dispose());
            next.Dispose();
            return false;
        }

        var lost = isNewLife ? queues.FindAll(queue => !(next.KeepsItems && queue.IsKept)) : [];
        ILink old;
        int epoch;
        List<(ulong Id, IReplyTarget Target)> calls;
        lock (SyncRoot)
        {
            lock (_readLock)
            {
                if (_state != QueueClientState.Reconnecting || IsLost)
                {
                    next.Dispose();
                    return true;
                }

                old = _link;
                TakePipeOf(next);
                epoch = Epoch;
                foreach (var (queue, call) in openings)
                {
                    queue.Reopened(call!, isStillOpen: _queues.Contains(queue), itemsAreLost: WhenItemsAreLost == QueueIpc.WhenItemsAreLost.Fail && lost.Contains(queue));
                }

                calls = [.. _calls.All()];
                SendAgain(calls, epoch);
                _state = QueueClientState.Connected;
                Monitor.PulseAll(_readLock);
            }
        }

        openings.ForEach(opening => opening.Call!.Dispose());
        _outbox.Flush();
        CloseIfUnused(old);
        GoOnReading(calls, epoch);
        Telemetry.Reconnections.Add(1, new KeyValuePair<string, object?>("server.address", Endpoint));
        Log.Reconnected(Logger, Endpoint, BrokerProcessId);
        foreach (var queue in lost)
        {
            Log.ItemsLost(Logger, Endpoint, queue.Name);
        }

        StateChanged?.Invoke(QueueClientState.Connected);
        return true;
    }

    private void TakePipeOf(ClientConnection next)
    {
        // The other one has nothing under way, so nobody reads or writes there.
        next._outbox.Close();
        (_link, _reader, _outbox, _client) = (next._link, next._reader, NewOutbox(next._link), next._client);
        (Version, MaxItemBytes, BrokerProcessId) = (next.Version, next.MaxItemBytes, next.BrokerProcessId);
        (_instanceToken, KeepsItems) = (next._instanceToken, next.KeepsItems);
        Epoch++;
    }

    /// <summary>What cannot be sent again ends before anybody reads: whoever reads for all would not notice that his own call has ended.</summary>
    private void SendAgain(List<(ulong Id, IReplyTarget Target)> calls, int epoch)
    {
        foreach (var (id, call) in calls.Where(call => call.Target is PendingCall).Select(call => (call.Id, (PendingCall)call.Target)).OrderBy(call => call.Item2.SentAs))
        {
            call.SendAgain(Out);
            GoOn(id, call, epoch);
        }
    }

    /// <summary>Readers begin anew. They take locks of their own first.</summary>
    private void GoOnReading(List<(ulong Id, IReplyTarget Target)> calls, int epoch)
    {
        foreach (var (id, target) in calls.Where(call => call.Target is not PendingCall))
        {
            GoOn(id, target, epoch);
        }

        Flush();
    }

    private void GoOn(ulong id, IReplyTarget target, int epoch)
    {
        if (!target.GoOn(id, epoch))
        {
            _calls.Remove(id);
        }

        GuardFrom(target.GuardAt);
    }
}
