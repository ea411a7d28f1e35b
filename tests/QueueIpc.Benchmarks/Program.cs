using BenchmarkDotNet.Running;
using QueueIpc.Benchmarks;

switch (args)
{
    case ["nothing"]:
        Console.WriteLine("nothing");
        return 0;
    case ["micro", .. var rest]:
        BenchmarkSwitcher.FromAssembly(typeof(All).Assembly).Run(rest);
        return 0;
    case ["compare" or "plot", ..]:
        break;
    default:
        Console.Error.WriteLine("""
            usage: dotnet run -c Release --project tests/QueueIpc.Benchmarks -- COMMAND
              compare [--quick] [--rounds N] [--only NAME,…] [--json FILE]   all systems against each other, in real processes
              plot FOLDER [--quick] [--rounds N]                             throughput by consumers and by item size, as SVG
              micro [BenchmarkDotNet's options]                              codec, machine and serializer alone
            """);
        return 2;
}

var quick = args.Contains("--quick");
var only = Option("--only")?.Split(',');
var systems = Option("--systems")?.Split(',');
var compare = new Compare(int.Parse(Option("--rounds") ?? (quick ? "1" : "5")), quick ? 0.2 : 1);
var scenarios = args[0] == "plot" ? All.Scaling() : All.Scenarios();
var results = compare.Run([.. scenarios.Where(scenario => (only is null || only.Contains(scenario.Name)) && (systems is null || systems.Contains(scenario.System)))]);
Compare.PrintTable(results);
Compare.PrintGoals(results, All.Goals());
if (args[0] == "plot")
{
    Plots.Write(args[1], results);
}

if (Option("--json") is { } file)
{
    Compare.WriteJson(file, results);
}

return 0;

string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
