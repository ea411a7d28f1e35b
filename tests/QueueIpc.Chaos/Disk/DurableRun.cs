using System.Diagnostics;
using QueueIpc.Chaos.Audit;
using QueueIpc.Chaos.Faults;
using QueueIpc.Chaos.Roles;

namespace QueueIpc.Chaos.Disk;

/// <summary>
/// A run with queues on disk: the broker itself is killed at random moments and started again on its directory, while producers, consumers with Get, workers
/// with leases and readers, each a process of its own, go on.
/// </summary>
internal sealed class DurableRun(ChaosOptions options, TextWriter log) : IDisposable
{
    /// <summary>Whoever has not ended so long after the end was told hangs.</summary>
    private const long EndMicros = 60_000_000;

    private const int StartMs = 20;
    private const int LifeMsMax = 250;
    private const int KillsBetweenWords = 50;

    /// <summary>On a busy machine time alone would be over before anybody has put anything.</summary>
    private const int PutsOfALongLife = 150;

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(options.LedgerRoot, $"queueipc-chaos-{Environment.ProcessId}")).FullName;
    private readonly string _data = Directory.CreateTempSubdirectory("queueipc-chaos").FullName;
    private readonly string _name = $"chaos-{Environment.ProcessId}";

    public Report Run()
    {
        var random = new Random(options.Seed);
        var kills = new List<long>();
        var start = Clock.Now;
        var broker = Start();
        try
        {
            using var company = new Company(options, _name, _folder);
            AwaitAll(company);
            while (kills.Count < options.Kills)
            {
                if (kills.Count % 2 == 1)
                {
                    AwaitPuts(broker);
                }

                Clock.WaitUntil(Clock.Now + (random.Next(StartMs, LifeMsMax) * 1000L));
                kills.Add(Clock.Now);
                broker = Again(broker);
                if (kills.Count % KillsBetweenWords == 0)
                {
                    log.WriteLine($"{kills.Count} kills");
                }
            }

            var queues = OpenQueues(broker);
            var hung = End(company, queues);
            log.WriteLine("auditing");
            return new DurableAudit(company.All, kills, hung).Report(options, (int)((Clock.Now - start) / 1_000_000), Array.ConvertAll(queues, queue => queue.GetInfo()));
        }
        finally
        {
            broker.Dispose();
        }
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_data, recursive: true);
    }

    private QueueBroker Start() => QueueBroker.StartProcess(new QueueBrokerOptions { Name = _name, Storage = new SqliteStorage(_data) });

    private QueueBroker Again(QueueBroker broker)
    {
        using (var process = Process.GetProcessById(broker.ProcessId))
        {
            process.Kill();
            process.WaitForExit();
        }

        broker.Dispose();
        return Start();
    }

    private static void AwaitAll(Company company)
    {
        while (!company.All.All(life => life.HasBegun || life.HasCrashed))
        {
            Clock.WaitUntil(Clock.Now + 10_000);
        }
    }

    private static void AwaitPuts(QueueBroker broker)
    {
        var queues = OpenQueues(broker);
        long Puts() => queues.Sum(queue => queue.GetInfo().TotalPut);
        for (var enough = Puts() + PutsOfALongLife; Puts() < enough;)
        {
            Clock.WaitUntil(Clock.Now + 10_000);
        }

        Array.ForEach(queues, queue => queue.Dispose());
    }

    private static IpcQueue<ChaosItem>[] OpenQueues(QueueBroker broker) => Array.ConvertAll(Queues.Names, queue => broker.OpenQueue<ChaosItem>(queue, Queues.Options));

    /// <summary>Producers end, then the queues are completed, then consumers end: whoever does not is answered.</summary>
    private Life[] End(Company company, IpcQueue<ChaosItem>[] queues)
    {
        File.Create(Orders.CurtainIn(_folder)).Dispose();
        var hung = StillThere(company.Playing(kind => kind == RoleKind.Producer)).ToList();
        Array.ForEach(queues, queue => queue.Complete());
        hung.AddRange(StillThere(company.Playing(kind => kind != RoleKind.Producer)));
        return [.. hung];
    }

    private static IEnumerable<Life> StillThere(IEnumerable<Life> lives)
    {
        var deadline = Clock.Now + EndMicros;
        return lives.Where(life => !life.Process.WaitForExit(TimeSpan.FromMicroseconds(Math.Max(deadline - Clock.Now, 0))));
    }
}
