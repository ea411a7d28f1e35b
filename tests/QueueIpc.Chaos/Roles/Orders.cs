namespace QueueIpc.Chaos.Roles;

/// <summary>What a process is told when it is started.</summary>
/// <param name="Life">Its number: no two processes of a run have the same.</param>
/// <param name="Seed">Where its random choices come from.</param>
/// <param name="Endpoint">The broker.</param>
/// <param name="Queue">The queue it takes from, an index into <see cref="Queues.Names"/>; producers put into all of them.</param>
/// <param name="Folder">Where its ledger goes.</param>
/// <param name="ItemsPerSecond">How fast a producer puts.</param>
/// <param name="IsDurable">The broker is killed, and nobody else does anything to anybody: no pipe is cut, and there are no tides.</param>
public sealed record Orders(int Life, int Seed, string Endpoint, int Queue, string Folder, double ItemsPerSecond, bool IsDurable = false)
{
    /// <summary>The ledger of that life.</summary>
    public string Ledger => Path.Combine(Folder, $"{Life}.ledger");

    /// <summary>When this file is there, producers put no more.</summary>
    public string Curtain => CurtainIn(Folder);

    /// <summary>The file that ends the producers' work.</summary>
    public static string CurtainIn(string folder) => Path.Combine(folder, "curtain");
}

/// <summary>The queues of a run: one for each way to take.</summary>
internal static class Queues
{
    public const int Gets = 0;
    public const int Leases = 1;
    public const int Streams = 2;

    public static readonly string[] Names = ["gets", "leases", "streams"];

    /// <summary>Small enough that puts wait while consumers are dead; leases end while their holder is stopped.</summary>
    public static readonly QueueOptions Options = new() { Capacity = 500, LeaseTime = TimeSpan.FromSeconds(1.5), MaxFailures = 0 };
}
