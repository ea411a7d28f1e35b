using System.CommandLine;

namespace QueueIpc.Benchmarks;

/// <summary>What can be said to <c>compare</c>. What is wrong is said before anything is measured.</summary>
internal static class CompareCommand
{
    private static readonly Scenario[] Scenarios = [.. All.Scenarios()];

    private static readonly Option<bool> Quick = new("--quick") { Description = "a fifth of everything, once: for a look, in some minutes" };

    private static readonly Option<int?> Rounds = new("--rounds") { Description = "how often all of it is measured; 5, which takes some 20 minutes, unless it is quick" };

    private static readonly Option<string?> Only = Names("--only", "scenarios", scenario => scenario.Name);

    private static readonly Option<string?> Systems = Names("--systems", "systems", scenario => scenario.System);

    private static readonly Option<string?> Json = Writable("--json", "a file for all figures", path => File.Open(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose());

    private static readonly Option<string?> Images = Writable("--plots", "a folder for the scaling as SVG", path => Directory.CreateDirectory(path));

    public static int Run(string[] args)
    {
        Rounds.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var rounds) && rounds < 1)
            {
                result.AddError("--rounds is 1 or more.");
            }
        });
        var compare = new Command("compare", "all systems against each other, in real processes. A ratio needs what it is a ratio to: raw for rtt and put, relay and stream for the flows, neighbours, spawn-empty") { Quick, Rounds, Only, Systems, Json, Images };
        compare.SetAction(Measure);
        var micro = new Command("micro", "codec, machine and serializer alone, with their allocations; takes BenchmarkDotNet's options");
        return new RootCommand("QueueIpc's speed, and that of others") { compare, micro }.Parse(args).Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static int Measure(ParseResult said)
    {
        var quick = said.GetValue(Quick);
        var compare = new Compare(said.GetValue(Rounds) ?? (quick ? 1 : 5), quick ? 0.2 : 1);
        var wanted = Scenarios.Where(scenario => IsWanted(scenario.Name, Only) && IsWanted(scenario.System, Systems)).ToArray();
        var absent = wanted.Select(scenario => scenario.Absent).OfType<string>().Distinct().ToArray();
        var results = compare.Run([.. wanted.Where(scenario => scenario.Absent is null)]);
        Compare.PrintTable(results);
        Array.ForEach(absent, program => Console.WriteLine($"absent: {program} was not found on this machine"));
        Compare.PrintGoals(results, All.Goals());
        Compare.PrintScaling(results);
        if (quick)
        {
            Console.WriteLine("--quick: a fifth of everything, once; memory and marks are those of so much less, and it is mostly the compiler that was measured");
        }

        foreach (var failure in compare.Failures)
        {
            Console.Error.WriteLine($"FAILED: {failure}");
        }

        if (said.GetValue(Json) is { } file)
        {
            Compare.WriteJson(file, results, absent, compare.Failures);
        }

        if (said.GetValue(Images) is { } folder)
        {
            Plots.Write(folder, results);
        }

        return compare.Failures.Count == 0 ? 0 : 1;

        bool IsWanted(string name, Option<string?> option) => said.GetValue(option)?.Split(',').Contains(name) ?? true;
    }

    private static Option<string?> Names(string name, string what, Func<Scenario, string> of)
    {
        var known = Scenarios.Select(of).Distinct().ToArray();
        var option = new Option<string?>(name) { Description = $"these {what} alone, with commas between: {string.Join(", ", known)}" };
        option.Validators.Add(result =>
        {
            var unknown = result.GetValueOrDefault<string?>()?.Split(',').Except(known).ToArray() ?? [];
            if (unknown.Length > 0)
            {
                result.AddError($"{name}: there is no '{string.Join("', '", unknown)}'. There are {string.Join(", ", known)}.");
            }
        });
        return option;
    }

    private static Option<string?> Writable(string name, string what, Action<string> tryOut)
    {
        var option = new Option<string?>(name) { Description = what };
        option.Validators.Add(result =>
        {
            try
            {
                tryOut(result.GetValueOrDefault<string?>()!);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                result.AddError($"{name}: {e.Message}");
            }
        });
        return option;
    }
}
