using QueueIpc.Chaos.Ledger;

namespace QueueIpc.Chaos.Roles;

/// <summary>Puts numbered items into all queues, in every way there is to put, until the curtain falls.</summary>
internal sealed class Producer(Orders orders) : Role(orders)
{
    private const int BatchMax = 50;
    private const int InFlightMax = 16;
    private const int TimeoutMsMax = 300;

    private readonly IpcQueue<ChaosItem>[] _queues = new IpcQueue<ChaosItem>[Queues.Names.Length];
    private int _lastIndex;
    private long _nextAt = Clock.Now;

    public static void Run(Orders orders)
    {
        using var role = new Producer(orders);
        role.Run();
    }

    protected override void Work(QueueClient client)
    {
        for (var i = 0; i < _queues.Length; i++)
        {
            _queues[i] = client.OpenQueue<ChaosItem>(Queues.Names[i], Queues.Options);
        }

        while (!File.Exists(Orders.Curtain))
        {
            var queue = Random.Next(_queues.Length);
            switch (Random.Next(4))
            {
                case 0:
                    PutOne(queue);
                    break;
                case 1:
                    TryPutOne(queue);
                    break;
                case 2:
                    PutMany(queue);
                    break;
                default:
                    PutInFlight(queue);
                    break;
            }
        }
    }

    private void PutOne(int queue)
    {
        var item = Attempt(queue, 1)[0];
        CallStarts();
        _queues[queue].Put(item);
        Write(Act.Accepted, item, CallTook());
    }

    private void TryPutOne(int queue)
    {
        var timeout = TimeSpan.FromMilliseconds(Random.Next(TimeoutMsMax));
        var item = Attempt(queue, 1, (long)timeout.TotalMicroseconds)[0];
        CallStarts();
        var accepted = _queues[queue].TryPut(item, timeout);
        Write(accepted ? Act.Accepted : Act.Refused, item, CallTook());
    }

    private void PutMany(int queue)
    {
        var items = Attempt(queue, Random.Next(1, BatchMax));
        CallStarts();
        _queues[queue].PutMany(items);
        var took = CallTook();
        Ledger.Write(Array.ConvertAll(items, item => new Entry(Act.Accepted, Connection) { Micros = took }.Of(item)));
    }

    private void PutInFlight(int queue)
    {
        var items = Attempt(queue, Random.Next(1, InFlightMax));
        CallStarts();
        Task.WhenAll(items.Select(item => PutAsync(_queues[queue], item))).GetAwaiter().GetResult();
    }

    private async Task PutAsync(IpcQueue<ChaosItem> queue, ChaosItem item)
    {
        await queue.PutAsync(item).ConfigureAwait(false);
        Write(Act.Accepted, item, CallTook());
    }

    /// <summary>The next items, written down before anybody else can know of them, and not faster than told.</summary>
    private ChaosItem[] Attempt(int queue, int count, long timeout = -1)
    {
        Clock.WaitUntil(_nextAt);
        Tide.WaitWhileLow();
        _nextAt = Math.Max(Clock.Now - 100_000, _nextAt + (long)(count * 1e6 / Orders.ItemsPerSecond));
        var items = new ChaosItem[count];
        for (var i = 0; i < count; i++)
        {
            items[i] = new ChaosItem(Orders.Life, ++_lastIndex, (byte)queue);
        }

        Ledger.Write(Array.ConvertAll(items, item => new Entry(Act.Attempt, Connection) { Micros = timeout }.Of(item)));
        return items;
    }
}
