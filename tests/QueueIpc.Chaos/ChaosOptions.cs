using System.Globalization;

namespace QueueIpc.Chaos;

/// <summary>What the command line says.</summary>
/// <param name="Seed">What is done to whom, and when.</param>
/// <param name="Seconds">How long things are done, at least.</param>
/// <param name="Items">How many items have to go through meanwhile: on a busy machine it takes longer, and faults come no faster than items.</param>
/// <param name="ItemsPerSecond">How many the producers put, if they can.</param>
/// <param name="Json">Whether the report is JSON.</param>
/// <param name="LedgerRoot">Where everybody writes down what it did.</param>
/// <param name="Kills">With queues on disk: how often the broker is killed. 0: they are in memory, and the others are.</param>
internal sealed record ChaosOptions(int Seed, int Seconds, int Items, double ItemsPerSecond, bool Json, string LedgerRoot, int Kills = 0)
{
    private const int SecondsUsual = 60;
    private const int KillsUsual = 300;
    private const double ItemsPerSecondUsual = 3000;

    /// <summary>Memory that outlives its processes, where there is such a thing: a disk that is slow to take a line would look like a late call.</summary>
    private const string SharedMemory = "/dev/shm";

    public static ChaosOptions Parse(string[] args) => new(
        Seed: Number(args, "--seed", Environment.TickCount),
        Seconds: Number(args, "--seconds", SecondsUsual),
        Items: Number(args, "--items", 0),
        ItemsPerSecond: double.Parse(Value(args, "--rate") ?? $"{ItemsPerSecondUsual}", CultureInfo.InvariantCulture),
        Json: args.Contains("--json"),
        LedgerRoot: Value(args, "--ledgers") ?? (Directory.Exists(SharedMemory) ? SharedMemory : Path.GetTempPath()),
        Kills: args.Contains("--data") ? Number(args, "--kills", KillsUsual) : 0);

    private static int Number(string[] args, string name, int usual) =>
        Value(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    private static string? Value(string[] args, string name) =>
        Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
