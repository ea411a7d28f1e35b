using System.Globalization;
using System.Text.Json;
using QueueIpc.Chaos;
using QueueIpc.Chaos.Disk;

if (args.Contains("--help"))
{
    Console.WriteLine(Help.Text);
    return 0;
}

if (args is ["write", var directory, var items, var chars])
{
    return DiskWriter.Run(directory, int.Parse(items, CultureInfo.InvariantCulture), int.Parse(chars, CultureInfo.InvariantCulture));
}

ChaosOptions options;
try
{
    options = ChaosOptions.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Help.Text}");
    return 2;
}

Console.Error.WriteLine($"seed {options.Seed}");
var report = Run(options);
report.WriteTable(options.Json ? Console.Error : Console.Out);
if (options.Json)
{
    Console.WriteLine(JsonSerializer.Serialize(report, ChaosJson.Options));
}

return report.IsKept ? 0 : 1;

static Report Run(ChaosOptions options)
{
    if (options.Kills > 0)
    {
        using var durable = new DurableRun(options, Console.Error);
        return durable.Run();
    }

    using var run = new ChaosRun(options, Console.Error);
    return run.Run();
}

internal static class ChaosJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
