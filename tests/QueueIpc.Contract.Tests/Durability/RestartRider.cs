using System.Diagnostics;

namespace QueueIpc.Tests.Durability;

/// <summary>What one process did while its broker was restarted again and again.</summary>
/// <param name="Next">The item that a producer would have put next.</param>
/// <param name="Handled">What a consumer had, in its order.</param>
public sealed record Ride(string Role, long Next, List<Handled> Handled);

/// <summary>An item in a consumer's hands, with times of the machine's clock.</summary>
/// <param name="Begun">When it was asked for.</param>
/// <param name="Acked">When its ack had returned and it was gone for good; 0 if it may come again.</param>
public sealed record Handled(long Item, long Begun, long Acked);

/// <summary>A process that uses one queue in one way, until it is enough. No call of its may see an exception.</summary>
internal sealed class RestartRider : IDisposable
{
    private readonly string _role;
    private readonly CancellationTokenSource _enough = new();
    private readonly List<Handled> _handled = [];
    private long _next;

    private RestartRider(string role) => _role = role;

    /// <summary>Role, queue, and which items it puts.</summary>
    public static IReadOnlyList<(string Role, string Queue, long First)> Roles { get; } =
    [
        ("put each", "jobs", 1_000_000_000),
        ("put without a thread", "jobs", 2_000_000_000),
        ("put many", "jobs", 3_000_000_000),
        ("put together", "jobs", 4_000_000_000),
        ("put each", "work", 5_000_000_000),
        ("put each", "read", 6_000_000_000),
        ("lease", "work", 0),
        ("lease many", "work", 0),
        ("lease all", "work", 0),
        ("get", "read", 0),
        ("read all", "read", 0),
        ("join and count", "work", 0),
    ];

    public static WorkerProcess Start(int role, string broker, IpcQueue<bool> enough, IpcQueue<Ride> rides) => WorkerProcess.Start(Run, role, broker, enough, rides);

    public void Dispose() => _enough.Dispose();

    private static void Run(int role, string broker, IpcQueue<bool> enough, IpcQueue<Ride> rides)
    {
        var (name, queue, first) = Roles[role];
        using var rider = new RestartRider(name) { _next = first };
        var watch = new Thread(() =>
        {
            Assert.Throws<QueueCompletedException>(() => enough.Get());
            rider._enough.Cancel();
        })
        { IsBackground = true };
        watch.Start();
        using var client = QueueClient.Connect(broker);
        using var used = client.OpenQueue<long>(queue, new QueueOptions { MaxFailures = 0 });
        rider.Go(used);
        rides.Put(new Ride(name, rider._next, rider._handled));
    }

    private void Go(IpcQueue<long> queue)
    {
        switch (_role)
        {
            case "put each":
                Put(1, item => queue.Put(item));
                break;
            case "put without a thread":
                Put(1, item => queue.PutAsync(item).AsTask().GetAwaiter().GetResult());
                break;
            case "put many":
                Put(40, item => queue.PutMany(Enumerable.Range(0, 40).Select(place => item + place)));
                break;
            case "put together":
                Put(10, item => Task.WaitAll([.. Enumerable.Range(0, 10).Select(place => queue.PutAsync(item + place).AsTask())]));
                break;
            case "lease":
                Until(begun => Finish(queue.TryLease(out var lease, TimeSpan.FromMilliseconds(50)) ? [lease] : [], begun));
                break;
            case "lease many":
                Until(begun => Finish(queue.LeaseMany(8, TimeSpan.FromMilliseconds(50)), begun));
                break;
            case "lease all":
                LeaseAll(queue).GetAwaiter().GetResult();
                break;
            case "get":
                Until(begun => _handled.AddRange(queue.TryGet(out var item, TimeSpan.FromMilliseconds(50)) ? [new Handled(item, begun, 0)] : []));
                break;
            case "read all":
                ReadAll(queue).GetAwaiter().GetResult();
                break;
            default:
                Until(_ => queue.Join(TimeSpan.FromMilliseconds(queue.Count % 20)));
                break;
        }
    }

    private void Until(Action<long> act)
    {
        while (!_enough.IsCancellationRequested)
        {
            act(Stopwatch.GetTimestamp());
        }
    }

    private void Put(int step, Action<long> put) => Until(_ =>
    {
        put(_next);
        _next += step;
    });

    private async Task ReadAll(IpcQueue<long> queue)
    {
        try
        {
            await foreach (var item in queue.ReadAllAsync(_enough.Token).ConfigureAwait(false))
            {
                _handled.Add(new Handled(item, 0, 0));
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private async Task LeaseAll(IpcQueue<long> queue)
    {
        try
        {
            await foreach (var lease in queue.LeaseAllAsync(_enough.Token).ConfigureAwait(false))
            {
                // Its acks go many at a time, and their items may come again when the broker dies just then.
                using (lease)
                {
                    _handled.Add(new Handled(lease.Item, 0, 0));
                    Ack(lease);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private static bool Ack(QueueLease<long> lease)
    {
        try
        {
            lease.Ack();
            return true;
        }
        catch (LeaseLostException)
        {
            // Its item comes again.
            return false;
        }
    }

    private void Finish(IEnumerable<QueueLease<long>> leases, long begun)
    {
        foreach (var lease in leases)
        {
            using (lease)
            {
                _handled.Add(new Handled(lease.Item, begun, Ack(lease) ? Stopwatch.GetTimestamp() : 0));
            }
        }
    }
}
