using QueueIpc.Chaos.Audit;
using QueueIpc.Chaos.Faults;
using QueueIpc.Chaos.Roles;

namespace QueueIpc.Chaos;

/// <summary>One run: a broker process, a company of processes around it, faults by plan, an end in order, and the audit.</summary>
internal sealed class ChaosRun(ChaosOptions options, TextWriter log) : IDisposable
{
    /// <summary>Whoever has not ended so long after the end was told hangs.</summary>
    private const long EndMicros = 60_000_000;

    private const long LookAgainMicros = 20_000;
    private const long ShortRunSeconds = 300;

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(options.LedgerRoot, $"queueipc-chaos-{Environment.ProcessId}")).FullName;
    private readonly List<Interval> _control = [];
    private readonly List<(long At, Life Life)> _stopped = [];

    public Report Run()
    {
        Role.StartControl(late =>
        {
            lock (_control)
            {
                _control.Add(new Interval(Clock.Now - late, Clock.Now));
            }
        });
        using var broker = QueueBroker.StartProcess();
        IpcQueue<ChaosItem>[] queues = [.. Queues.Names.Select(name => broker.OpenQueue<ChaosItem>(name, Queues.Options))];
        using var watch = new BrokerWatch(broker, queues, (options.Seconds < ShortRunSeconds ? 10 : 60) * 1_000_000L);
        using var company = new Company(options, broker.Endpoint, _folder);
        Play(company, watch);
        var hung = End(company, queues);
        watch.Look();
        QueueInfo[] infos = [.. queues.Select(queue => queue.GetInfo())];
        log.WriteLine("auditing");
        return new Auditor(company.All, [.. _control], hung).Report(options, infos, watch.Samples);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Play(Company company, BrokerWatch watch)
    {
        var pace = new Pace(options, watch);
        var plan = new Queue<Fault>(Plan.Of(options.Seed, options.Seconds));
        while (plan.Count > 0 || !pace.IsOver)
        {
            if (plan.TryPeek(out var fault) && pace.Elapsed >= fault.At && company.TryCommit(fault) is { } victim)
            {
                plan.Dequeue();
                if (fault.Kind == FaultKind.Stop)
                {
                    _stopped.Add((Clock.Now + fault.StopMicros, victim));
                }

                continue;
            }

            ContinueThoseDue(Clock.Now);
            if (Clock.Now >= watch.NextAt)
            {
                var sample = watch.Look();
                log.WriteLine($"{sample.Seconds,6} s  {sample.Items,10} items  {sample.MemoryMegabytes,8} MB  {sample.Handles,5} handles  {sample.Threads,4} threads  {company.All.Count,6} processes");
            }

            // The next fault, or sooner: a stopped process wants to go on, a starting one to be looked at again.
            var toNext = plan.Count > 0 ? plan.Peek().At - pace.Elapsed : long.MaxValue;
            Clock.WaitUntil(Clock.Now + Math.Clamp(toNext, 1000, LookAgainMicros));
        }

        ContinueThoseDue(long.MaxValue);
    }

    private void ContinueThoseDue(long now)
    {
        foreach (var (_, life) in _stopped.Where(stopped => stopped.At <= now))
        {
            life.Continue();
        }

        _stopped.RemoveAll(stopped => stopped.At <= now);
    }

    /// <summary>Producers end, then the queues are completed, then consumers end: whoever does not is answered.</summary>
    private Life[] End(Company company, IpcQueue<ChaosItem>[] queues)
    {
        File.Create(Orders.CurtainIn(_folder)).Dispose();
        var hung = StillThere(company.Playing(kind => kind == RoleKind.Producer)).ToList();
        foreach (var queue in queues)
        {
            queue.Complete();
        }

        hung.AddRange(StillThere(company.Playing(kind => kind != RoleKind.Producer)));
        return [.. hung];
    }

    private static IEnumerable<Life> StillThere(IEnumerable<Life> lives)
    {
        var deadline = Clock.Now + EndMicros;
        return lives.Where(life => !life.Process.WaitForExit(TimeSpan.FromMicroseconds(Math.Max(deadline - Clock.Now, 0))));
    }
}
