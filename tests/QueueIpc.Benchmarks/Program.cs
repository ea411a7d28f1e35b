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
              micro --filter '*'                  codec, machine and serializer alone; takes BenchmarkDotNet's options
            """);
        return 2;
}

var quick = args.Contains("--quick");
var compare = new Compare(int.Parse(Option("--rounds") ?? (quick ? "1" : "5")), quick ? 0.2 : 1);
var all = All.Scenarios().ToArray();
if (Unknown("--only", all.Select(scenario => scenario.Name)) || Unknown("--systems", all.Select(scenario => scenario.System)))
{
    return 2;
}

var wanted = all.Where(scenario => IsWanted(scenario.Name, "--only") && IsWanted(scenario.System, "--systems")).ToArray();
var absent = wanted.Select(scenario => scenario.Absent).OfType<string>().Distinct().ToArray();
var results = compare.Run([.. wanted.Where(scenario => scenario.Absent is null)]);
if (Option("--json") is { } file)
{
    Compare.WriteJson(file, results, absent, compare.Failures);
}

Compare.PrintTable(results);
Array.ForEach(absent, program => Console.WriteLine($"absent: {program} was not found on this machine"));
Compare.PrintGoals(results, All.Goals());
Compare.PrintScaling(results);
if (quick)
{
    Console.WriteLine("--quick: a fifth of everything, once; memory and marks are those of so much less, and it is mostly the compiler that was measured");
}

if (Option("--plots") is { } folder)
{
    Plots.Write(folder, results);
}

foreach (var failure in compare.Failures)
{
    Console.Error.WriteLine($"FAILED: {failure}");
}

return compare.Failures.Count == 0 ? 0 : 1;

bool Unknown(string option, IEnumerable<string> known)
{
    var unknown = Option(option)?.Split(',').Except(known).ToArray() ?? [];
    if (unknown.Length > 0)
    {
        Console.Error.WriteLine($"{option}: there is no '{string.Join("', '", unknown)}'. There are {string.Join(", ", known.Distinct())}.");
    }

    return unknown.Length > 0;
}

string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

bool IsWanted(string name, string option) => Option(option)?.Split(',').Contains(name) ?? true;
