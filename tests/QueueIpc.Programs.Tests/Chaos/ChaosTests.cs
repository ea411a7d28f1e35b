using System.Diagnostics;
using System.Text.Json;
using QueueIpc.Tests.Samples;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Chaos;

/// <summary>The chaos program, run as it is: real processes that are killed, stopped and cut, and every item accounted for.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Seconds = 75;
    private const int Items = 55_000;
    private static readonly TimeSpan HangGuard = TimeSpan.FromMinutes(8);

    /// <summary>What must have happened for the zeros to mean something.</summary>
    private static readonly Dictionary<string, int> AtLeast = new()
    {
        ["accepted"] = 50_000,
        ["delivered"] = 50_000,
        ["consumer kills"] = 60,
        ["producer kills"] = 30,
        ["stops"] = 20,
        ["pipes cut"] = 10,
        ["kills while starting"] = 1,
        ["redelivered"] = 100,
        ["timed out"] = 200,
        ["refused"] = 1,
        ["readers that left"] = 1,
    };

    private static readonly Dictionary<string, int> AtMost = new()
    {
        ["lost"] = 0,
        ["phantom"] = 0,
        ["duplicated"] = 0,
        ["order violations"] = 0,
        ["ended early"] = 0,
        ["longest block beyond a timeout, ms"] = 1000,
        ["connections lost without a cause"] = 0,
        ["crashed"] = 0,
        ["hung"] = 0,
    };

    [UnixFact]
    public void Case60_ProcessesKilledStoppedAndCut_NothingIsLostDoubledOrLate()
    {
        var (exitCode, figures) = Run("--seconds", $"{Seconds}", "--items", $"{Items}");
        Assert.All(AtMost, most => Assert.True(figures[most.Key] <= most.Value, $"{most.Key}: {figures[most.Key]}, and at most {most.Value} are allowed"));
        Assert.All(AtLeast, least => Assert.True(figures[least.Key] >= least.Value, $"{least.Key}: {figures[least.Key]}, and at least {least.Value} are wanted"));
        Assert.Equal(0, exitCode);
    }

    /// <summary>As often as QUEUEIPC_KILLS says, or 100 times.</summary>
    [UnixFact]
    public void Broker_KilledWithQueuesOnDisk_NothingIsLostAndNothingAckedComesAgain()
    {
        var kills = Environment.GetEnvironmentVariable("QUEUEIPC_KILLS") ?? "100";
        var (exitCode, figures) = Run("--data", "--kills", kills);
        Assert.All((string[])["lost", "phantom", "acked again", "order violations", "crashed", "hung"], zero => Assert.Equal((zero, 0), (zero, figures[zero])));
        Assert.Equal(long.Parse(kills, System.Globalization.CultureInfo.InvariantCulture), figures["kills of the broker"]);
        Assert.True(figures["accepted"] > 500 && figures["acked leases"] > 20, "Next to nothing was done");
        Assert.Equal(0, exitCode);
    }

    private (int ExitCode, Dictionary<string, long> Figures) Run(params string[] args)
    {
        var program = Path.Combine(Sample.Folder("../tests/QueueIpc.Chaos"), "QueueIpc.Chaos.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. args, "--seed", $"{Environment.TickCount}", "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var json = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(HangGuard))
        {
            process.Kill(entireProcessTree: true);
        }

        output.WriteLine(errors.Result);
        var figures = JsonDocument.Parse(json.Result).RootElement.GetProperty("figures").EnumerateArray()
            .ToDictionary(figure => figure.GetProperty("name").GetString()!, figure => figure.GetProperty("value").GetInt64());
        return (process.ExitCode, figures);
    }
}
