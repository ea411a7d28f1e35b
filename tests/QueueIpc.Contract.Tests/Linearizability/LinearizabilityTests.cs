using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Linearizability;

/// <summary>
/// Clients with a thread and a pipe each do random things to one small queue at the same time, again and again, and every history of what
/// they saw is checked. Nothing that a plain FIFO in one place could not have shown may ever be seen.
/// </summary>
public sealed class LinearizabilityTests
{
    private const int HistoriesEach = 1_050;
    private const int OperationsEach = 6;
    private const int ClientsMax = 3;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Queue_UsedByClientsAtTheSameTime_IsAlwaysAFifo(int capacity)
    {
        var seed = Random.Shared.Next(int.MaxValue - 10_000);
        using var broker = QueueBroker.Start();
        var seen = new Dictionary<Kind, int>();
        var overlaps = 0;

        foreach (var history in new Recorder(broker.Endpoint, capacity, seed).Record(HistoriesEach))
        {
            Assert.True(FifoChecker.IsLinearizable(history), $"Seed {seed}: no FIFO does this, {history}");
            foreach (var operation in history.Operations)
            {
                seen[operation.What] = seen.GetValueOrDefault(operation.What) + 1;
                overlaps += history.Operations.Count(other => other.Start < operation.Start && operation.Start < other.End);
            }
        }

        // What did not happen was not tested: every outcome that there can be, and calls that are under way at the same time.
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {string.Join(", ", seen)}, {overlaps} calls began while another was under way");
        Assert.Equal(capacity == 0 ? 3 : 4, seen.Count(outcome => outcome.Value >= 100));
        Assert.InRange(overlaps, HistoriesEach, int.MaxValue);
    }

    /// <summary>Clients that begin each history together, on a queue of its own.</summary>
    private sealed class Recorder(string endpoint, int capacity, int seed)
    {
        private readonly Operation[][] _operations = new Operation[ClientsMax][];
        private string _queueName = string.Empty;
        private int _clientsNow;
        private long _clock;

        public IEnumerable<History> Record(int histories)
        {
            var random = new Random(seed);
            using var begin = new Barrier(ClientsMax + 1);
            using var end = new Barrier(ClientsMax + 1);
            var clients = Enumerable.Range(0, ClientsMax).Select(client => Run.OnThread(() => Use(client, histories, begin, end))).ToArray();
            using var owner = QueueClient.Connect(endpoint);
            for (var i = 0; i < histories; i++)
            {
                (_queueName, _clientsNow) = ($"fifo-{i}", random.Next(2, ClientsMax + 1));
                using var queue = owner.OpenQueue<int>(_queueName, new QueueOptions { Capacity = capacity });
                Meet(begin, clients);
                Meet(end, clients);
                owner.DeleteQueue(_queueName);
                yield return new History(capacity, [.. _operations.Take(_clientsNow).SelectMany(operations => operations)]);
            }

            Assert.True(Task.WaitAll(clients, Times.Long), "a client hangs");
        }

        private static void Meet(Barrier barrier, Task[] clients)
        {
            if (!barrier.SignalAndWait(Times.Long))
            {
                throw new TimeoutException("a client hangs, or has failed", clients.FirstOrDefault(client => client.IsFaulted)?.Exception);
            }
        }

        private void Use(int client, int histories, Barrier begin, Barrier end)
        {
            var random = new Random(seed + client + 1);
            using var connection = QueueClient.Connect(endpoint);
            for (var i = 0; i < histories; i++)
            {
                begin.SignalAndWait(Times.Long);
                if (client < _clientsNow)
                {
                    using var queue = connection.OpenQueue<int>(_queueName);
                    _operations[client] = [.. Enumerable.Range(1, OperationsEach).Select(number => Act(queue, random, (client * OperationsEach) + number))];
                }

                end.SignalAndWait(Times.Long);
            }
        }

        private Operation Act(IpcQueue<int> queue, Random random, int value)
        {
            var timeout = TimeSpan.FromMicroseconds(random.Next(3) == 0 ? random.Next(1, 300) : 0);
            var puts = random.Next(2) == 0;
            var start = Interlocked.Increment(ref _clock);
            var got = 0;
            var done = puts ? queue.TryPut(value, timeout) : queue.TryGet(out got, timeout);
            var end = Interlocked.Increment(ref _clock);
            return new Operation(puts ? done ? Kind.Put : Kind.Full : done ? Kind.Get : Kind.Empty, puts ? value : got, start, end);
        }
    }
}
