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
    case ["compare", ..]:
        break;
    default:
        Console.Error.WriteLine("""
            usage: dotnet run -c Release --project tests/QueueIpc.Benchmarks -- COMMAND
              compare [--quick] [--rounds N] [--only NAME,…] [--systems NAME,…] [--json FILE] [--plots FOLDER]
                                              all systems against each other, in real processes; the scaling as SVG
              micro [BenchmarkDotNet's options]   codec, machine and serializer alone
            """);
        return 2;
}

var quick = args.Contains("--quick");
var compare = new Compare(int.Parse(Option("--rounds") ?? (quick ? "1" : "5")), quick ? 0.2 : 1);
var results = compare.Run([.. All.Scenarios().Where(scenario => IsWanted(scenario.Name, "--only") && IsWanted(scenario.System, "--systems"))]);
Compare.PrintTable(results);
Compare.PrintGoals(results, All.Goals());
Compare.PrintScaling(results);
if (Option("--plots") is { } folder)
{
    Plots.Write(folder, results);
}

if (Option("--json") is { } file)
{
    Compare.WriteJson(file, results);
}

return 0;

string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

bool IsWanted(string name, string option) => Option(option)?.Split(',').Contains(name) ?? true;
