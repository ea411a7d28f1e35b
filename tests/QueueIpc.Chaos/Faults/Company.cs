using QueueIpc.Chaos.Roles;

namespace QueueIpc.Chaos.Faults;

/// <summary>The processes of the run. Whoever falls is replaced at once.</summary>
internal sealed class Company : IDisposable
{
    private static readonly (RoleKind Kind, int Queue)[] Parts =
    [
        .. Enumerable.Repeat((RoleKind.Producer, -1), 4),
        .. Enumerable.Repeat((RoleKind.Getter, Queues.Gets), 3),
        .. Enumerable.Repeat((RoleKind.Leaser, Queues.Leases), 3),
        .. Enumerable.Repeat((RoleKind.Streamer, Queues.Streams), 2),
    ];

    private readonly Life[] _playing = new Life[Parts.Length];
    private readonly List<Life> _all = [];
    private readonly Random _random;
    private readonly ChaosOptions _options;
    private readonly string _endpoint;
    private readonly string _folder;

    public Company(ChaosOptions options, string endpoint, string folder)
    {
        (_options, _endpoint, _folder, _random) = (options, endpoint, folder, new Random(options.Seed));
        for (var part = 0; part < Parts.Length; part++)
        {
            Start(part);
        }
    }

    /// <summary>Everybody who ever played.</summary>
    public IReadOnlyList<Life> All => _all;

    /// <summary>Does it, if there is somebody to do it to.</summary>
    /// <returns>The one it was done to; null if there is nobody now.</returns>
    public Life? TryCommit(Fault fault)
    {
        int[] candidates = [.. Enumerable.Range(0, Parts.Length).Where(part => IsCandidate(_playing[part], fault))];
        if (candidates.Length == 0)
        {
            return null;
        }

        var part = candidates[fault.Choice % candidates.Length];
        var victim = _playing[part];
        if (fault.Kind == FaultKind.Stop)
        {
            victim.Stop();
        }
        else
        {
            victim.KillNow();
            Start(part);
        }

        return victim;
    }

    /// <summary>Those of that kind who still play.</summary>
    public IEnumerable<Life> Playing(Func<RoleKind, bool> kind) => _playing.Where(life => kind(life.Kind));

    public void Dispose()
    {
        foreach (var life in _all)
        {
            if (!life.Process.HasExited)
            {
                life.KillNow();
            }

            life.Process.Dispose();
        }
    }

    private bool IsCandidate(Life life, Fault fault) => fault.Kind switch
    {
        FaultKind.KillNewest => life == _all[^1],
        FaultKind.Stop => life.HasBegun && !life.IsStopped,
        FaultKind.KillProducer => life.HasBegun && life.Kind == RoleKind.Producer,
        _ => life.HasBegun && life.Kind != RoleKind.Producer,
    };

    private void Start(int part)
    {
        var (kind, queue) = Parts[part];
        var producers = Parts.Count(other => other.Kind == RoleKind.Producer);
        var orders = new Orders(_all.Count + 1, _random.Next(), _endpoint, queue, _folder, _options.ItemsPerSecond / producers, _options.Kills > 0);
        var process = kind switch
        {
            RoleKind.Producer => WorkerProcess.Start(Producer.Run, orders),
            RoleKind.Getter => WorkerProcess.Start(Getter.Run, orders),
            RoleKind.Leaser => WorkerProcess.Start(Leaser.Run, orders),
            _ => WorkerProcess.Start(Streamer.Run, orders),
        };
        _playing[part] = new Life(kind, orders, process);
        _all.Add(_playing[part]);
    }
}
