using QueueIpc.Client;
using QueueIpc.Core.Tests.Model;

namespace QueueIpc.Tests.Simulation;

/// <summary>
/// A process with one connection, and callers that use it: the real client code, over a simulated pipe and by a simulated clock.
/// This file is its life and how its calls end; SimulatedClient.Acts.cs has what the callers do.
/// </summary>
internal sealed partial class SimulatedClient : IDisposable
{
    private readonly SimulatedWorld _world;
    private readonly ClientConnection _connection;
    private readonly QueueClient _client;
    private readonly ModelSession _session;
    private readonly List<SimulatedHandle> _handles = [];
    private readonly List<SimulatedLease> _leases = [];
    private readonly List<SimulatedReader> _readers = [];
    private readonly List<Call> _calls = [];
    private bool _isDisposed;
    private bool _hasSaidBye;

    public SimulatedClient(SimulatedWorld world, int number)
    {
        (_world, Number) = (world, number);
        Clock = new SimulatedClock(world.Time);
        (Link, BrokerEnd) = world.CreateLinks();
        (Link.Name, BrokerEnd.Name) = ($"client {number}", $"the broker from client {number}");
        Link.IsDirect = BrokerEnd.IsDirect = true;
        _session = world.Broker.Accept(BrokerEnd);
        _connection = ClientConnection.Connect("simulation", Link, () => { }, Clock);
        _client = new QueueClient(_connection, new QueueClientOptions());
        Array.ForEach(SimulatedWorld.QueueNames, Open);
        Link.IsDirect = BrokerEnd.IsDirect = false;
    }

    public int Number { get; }

    public SimulatedClock Clock { get; }

    public SimulatedLink Link { get; }

    public SimulatedLink BrokerEnd { get; }

    /// <summary>The process is stopped: it does not run, and what it had written goes its way.</summary>
    public bool IsStopped { get; set; }

    /// <summary>It reads nothing for a while.</summary>
    public bool IsSlow { get; set; }

    public bool IsKilled { get; private set; }

    /// <summary>Whether it can still do anything.</summary>
    public bool IsOver => IsKilled || _isDisposed || Link.IsAborted || BrokerEnd.IsAborted || _connection.IsLost;

    /// <summary>Whether both ends know that it is over.</summary>
    public bool IsForgotten => BrokerEnd.HasEnded && (IsKilled || _connection.IsLost) && _calls.Count == 0;

    public bool CanRead => !IsKilled && !IsStopped && !IsSlow;

    public int PendingCalls => _calls.Count;

    /// <summary>Does something that needs its answer at once: what is under way on this connection arrives before it.</summary>
    public void Directly(Action act)
    {
        Link.IsDirect = BrokerEnd.IsDirect = true;
        Link.Pump();
        act();
        Link.Pump();
        Link.IsDirect = BrokerEnd.IsDirect = false;
    }

    /// <summary>The process is killed: nothing of it runs any more, and of what it was writing only a part may have left.</summary>
    public void Kill(int bytesWritten)
    {
        IsKilled = true;
        BrokerEnd.Cut(bytesWritten);
        _calls.Clear();
        _world.Forget(Number);
    }

    /// <summary>The pipe breaks, whatever is in it; both sides find out.</summary>
    public void Break(int bytesWritten, int bytesRead)
    {
        BrokerEnd.Cut(bytesWritten);
        Link.Cut(bytesRead);
    }

    /// <summary>An orderly end.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        var canSay = !Link.IsAborted && !BrokerEnd.IsAborted;
        _client.Dispose();
        _hasSaidBye = canSay && !Link.WaitsForRoom;
    }

    public void CancelOne()
    {
        if (_calls.Count > 0)
        {
            _world.Pick(_calls).Cancel();
        }
    }

    public void CancelAll()
    {
        foreach (var call in _calls.ToArray())
        {
            call.Cancel();
        }

        StopReaders();
    }

    /// <summary>Lets go of the calls that have ended, and fails if one ended in a way that it must not.</summary>
    public void EndCalls()
    {
        for (var i = _calls.Count - 1; i >= 0; i--)
        {
            if (_calls[i].Outcome.IsCompleted)
            {
                using var ended = _calls[i];
                _calls.RemoveAt(i);
                End(ended);
            }
        }
    }

    public void CheckNothingHangs(bool evenPlain)
    {
        foreach (var call in _calls)
        {
            Assert.True(call.IsPlain && !evenPlain, $"Client {Number}: {call.What} of {call.StartedAt} hangs");
        }
    }

    /// <summary>An orderly end is told the broker, or it takes it for a crash.</summary>
    public void CheckFarewell() =>
        Assert.True(!_hasSaidBye || !BrokerEnd.HasEnded || BrokerEnd.IsAborted || _session.SaidBye, $"Client {Number} left, and did not say so");

    /// <summary>When all is quiet, and no reader reads any more, the broker holds for it what its callers have in hand.</summary>
    public void CheckHeldIsInHand()
    {
        foreach (var id in _session.Held)
        {
            Assert.True(_leases.Exists(held => !held.IsSettled && held.Lease.Item.Id == id), $"Item {id} is held for client {Number}, and none of its callers has it");
        }
    }

    private void Open(string name)
    {
        var queue = ClientQueue.Open(_connection, name, _world.OptionsOf(name));
        _handles.Add(new SimulatedHandle(queue));
    }

    private void Begin(string what, SimulatedHandle? handle, TimeSpan timeout, Func<Call, Task> body, Action<PutFate>? putEnded = null) =>
        Begin(what, handle, timeout, call => new ValueTask(body(call)), putEnded, isPlain: false);

    private void Begin(string what, SimulatedHandle? handle, TimeSpan timeout, Func<Call, ValueTask> body, Action<PutFate>? putEnded, bool isPlain)
    {
        var call = new Call(what, handle, _world.Time.Now, timeout) { PutEnded = putEnded, IsPlain = isPlain };
        _calls.Add(call);
        _world.Say($"client {Number}: {what}{(handle is null ? string.Empty : $" on {handle.Queue.Name}")}, {timeout}");
#pragma warning disable CA2012 // It is kept, and asked for its result once.
        try
        {
            call.Outcome = body(call);
        }
        catch (Exception e)
        {
            call.Outcome = ValueTask.FromException(e);
        }
#pragma warning restore CA2012
    }

    private void End(Call call)
    {
        try
        {
            call.Outcome.GetAwaiter().GetResult();
            Note(call, "done");
            call.PutEnded?.Invoke(PutFate.Accepted);
        }
        catch (Exception e) when (IsExpected(call, e))
        {
            Note(call, e.GetType().Name);
            call.PutEnded?.Invoke(e is BrokerUnavailableException || _connection.IsLost ? PutFate.Unknown : PutFate.Refused);
        }
    }

    private void Try(string what, SimulatedHandle handle, Action act)
    {
        using var call = new Call(what, handle, _world.Time.Now, TimeSpan.Zero);
        try
        {
            act();
            Note(call, "done");
        }
        catch (Exception e) when (IsExpected(call, e))
        {
            Note(call, e.GetType().Name);
        }
    }

    private void Note(Call call, string how)
    {
        _world.Tally.Add($"{call.What}: {how}");
        _world.Say($"client {Number}: {call.What} of {call.StartedAt}: {how}");
    }

    /// <summary>Whether a call may end like this, as far as its caller can judge.</summary>
    private bool IsExpected(Call call, Exception error)
    {
        var took = TimeSpan.FromMicroseconds(_world.Time.Now - call.StartedAt);
        switch (error)
        {
            case OperationCanceledException:
                return call.IsCancelled;
            case QueueEmptyException or QueueFullException:
                return call.Timeout != Timeout.InfiniteTimeSpan && took >= call.Timeout;
            case QueueCompletedException:
                return _world.SomethingWasCompleted;
            case ObjectDisposedException:
                return _isDisposed || call.Handle is { IsDisposed: true } || call.What.Contains("read", StringComparison.Ordinal);
            case BrokerUnavailableException:
                if (!IsOver)
                {
                    _world.Tally.Add("fault: an answer that came too late");
                    return took >= TimeSpan.FromMilliseconds(900);
                }

                return true;
            case ItemSerializationException unreadable:
                _world.Ledger.Seen(SimulatedItem.IdOf(unreadable.RawBytes.Span));
                return unreadable.InnerException is InvalidDataException;
            case ItemTooLargeException:
                return call.What.Contains("put", StringComparison.Ordinal);
            case LeaseLostException:
                return call.What.Contains("lease", StringComparison.Ordinal);
            case InvalidOperationException:
                return call.What == "delete queue" || (_world.MayHoldFew && error.Message.Contains("may hold", StringComparison.Ordinal));
            default:
                return false;
        }
    }
}
