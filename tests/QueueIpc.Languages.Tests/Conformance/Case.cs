using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using QueueIpc.Tests.Support;

namespace QueueIpc.Languages.Tests.Conformance;

/// <summary>One case of behaviour.json: does its steps, and compares what comes back.</summary>
internal sealed partial class Case(Stage stage)
{
    private const int ContinueSignal = 18;
    private const int StopSignal = 19;

    private readonly string _prefix = $"{Guid.NewGuid():N}-";
    private readonly Dictionary<string, Task<JsonObject>> _underWay = [];
    private readonly Dictionary<string, string> _saved = [];

    public async Task Run(JsonArray steps)
    {
        foreach (var step in steps.Select(step => step!.AsObject()))
        {
            try
            {
                await Do(step).WaitAsync(Times.Long);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{step.ToJsonString()}: {exception.Message}", exception);
            }
        }
    }

    private Task Do(JsonObject step)
    {
        if (step["kill"] is { } killed)
        {
            stage.KillDriver((string)killed!);
        }
        else if (step["stop"] is { } stopped)
        {
            Assert.Equal(0, Kill(stage.Driver((string)stopped!).Id, StopSignal));
        }
        else if (step["continue"] is { } continued)
        {
            Assert.Equal(0, Kill(stage.Driver((string)continued!).Id, ContinueSignal));
        }
        else if (step["broker"] is { } broker)
        {
            if ((string)broker! == "kill")
            {
                stage.KillBroker();
            }
            else
            {
                stage.StartBroker();
            }
        }
        else if (step["raw"] is not null)
        {
            return HalfAFrame.SendTo(stage.Broker.Endpoint, _prefix + "q");
        }
        else if (step["until"] is { } numbers)
        {
            return Until(numbers.AsObject(), Queue((string?)step["queue"] ?? "q"));
        }
        else
        {
            return Tell(step);
        }

        return Task.CompletedTask;
    }

    private async Task Tell(JsonObject step)
    {
        var (name, told) = step.Single(pair => pair.Key is "a" or "b");
        var watch = Stopwatch.StartNew();
        Task<JsonObject> call;
        if ((string)told! == "await")
        {
            Assert.True(_underWay.Remove((string)step["of"]!, out call!), "no such call is under way");
        }
        else
        {
            call = stage.Driver(name).Send(Command(step, (string)told!));
        }

        if (step["as"] is { } under)
        {
            _underWay[(string)under!] = call;
            return;
        }

        var answer = await call;
        var elapsed = watch.Elapsed.TotalMilliseconds;
        var said = (string)answer["is"]!;
        Assert.True(said == ((string?)step["is"] ?? "ok"), $"it is {said} ({answer["text"]})");
        if (step["within"] is JsonArray within)
        {
            Assert.InRange(elapsed, (double)within[0]!, (double)within[1]!);
        }

        if (step["saves"] is { } saved)
        {
            _saved["$" + (string)saved!] = (string)answer["value"]!;
        }

        Expectation.Check(step, answer["value"]);
    }

    private JsonObject Command(JsonObject step, string told)
    {
        var command = new JsonObject { ["do"] = told };
        foreach (var (key, value) in step)
        {
            if (key is not ("a" or "b" or "is" or "value" or "within" or "range" or "ranges" or "saves"))
            {
                command[key] = Renamed(value);
            }
        }

        command["queue"] = step["queue"] is JsonValue named ? Queue((string)named!) : step["queue"]?.DeepClone() ?? Queue("q");
        return command;
    }

    /// <summary>A queue inside an item has its name in this case as well.</summary>
    private JsonNode? Renamed(JsonNode? value) => value switch
    {
        JsonArray array => new JsonArray([.. array.Select(Renamed)]),
        JsonObject one when one["$queue"] is { } queue => new JsonObject { ["$queue"] = Queue((string)queue!) },
        _ => value?.DeepClone(),
    };

    private string Queue(string name) =>
        name.Length == 0 ? name : name.Any(char.IsControl) ? name : _saved.TryGetValue(name, out var saved) ? saved : _prefix + name;

    private async Task Until(JsonObject numbers, string name)
    {
        using var queue = stage.Client.OpenQueue<object>(name);
        bool Reached(QueueInfo info) => numbers.All(number => (long)number.Value! == number.Key switch
        {
            "ready" => info.Ready,
            "waitingGets" => info.WaitingGets,
            "waitingPuts" => info.WaitingPuts,
            "leased" => info.Leased,
            "totalTaken" => info.TotalTaken,
            _ => throw new InvalidOperationException($"nobody knows {number.Key}"),
        });
        while (!Reached(await queue.GetInfoAsync()))
        {
            await Task.Yield();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
