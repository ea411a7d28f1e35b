using System.CommandLine;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>For monitors: all is well, or what is not.</summary>
internal static class CheckCommand
{
    public static ToolCommand Create()
    {
        var queues = new Argument<string[]>("queue") { Description = "The queues to check; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var ready = Parameters.Count("--max-ready", "At most so many items that wait to be taken, in each queue.", min: 0);
        var oldest = Parameters.Seconds("--max-oldest", "No item may have waited for longer.", min: 0);
        var dead = Parameters.Count("--max-dead", "At most so many dead items, in each queue.", min: 0);
        return new ToolCommand(
            "check",
            "Checks queues against limits, for monitors.",
            "queueipc check jobs --max-ready 1000 --max-oldest 60 --max-dead 0",
            invocation => Run(invocation, invocation.Get(queues), new Limits(invocation.Get(ready), Parameters.Time(invocation.Get(oldest)), invocation.Get(dead))),
            queues,
            ready,
            oldest,
            dead)
        {
            Details = """
                Exit code 0: all limits are kept. 1: one is not, or a named queue is not there. 3: no
                broker. Without limits: whether the broker answers, and the named queues are there.
                """,
        };
    }

    private static int Run(Invocation invocation, string[] names, Limits limits)
    {
        using var client = invocation.Connect();
        var all = client.GetQueues();
        var chosen = names.Length == 0 ? all : [.. all.Where(queue => names.Contains(queue.Name))];
        string[] problems =
        [
            .. names.Where(name => all.All(queue => queue.Name != name)).Select(name => $"{name}: there is no such queue"),
            .. chosen.OrderBy(queue => queue.Name, StringComparer.Ordinal).SelectMany(limits.Problems),
        ];
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteBoolean("ok", problems.Length == 0);
                json.WriteNumber("queues", chosen.Count);
                json.WriteStartArray("problems");
                Array.ForEach(problems, json.WriteStringValue);
                json.WriteEndArray();
            });
        }
        else
        {
            Console.Out.WriteLine(problems.Length == 0 ? $"OK: {Words.Count(chosen.Count, "queue")}" : $"FAILED: {Escapes.In(string.Join("; ", problems))}");
        }

        return problems.Length == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private sealed record Limits(long? Ready, TimeSpan? Oldest, long? Dead)
    {
        public IEnumerable<string> Problems(QueueInfo queue)
        {
            if (queue.Ready > Ready)
            {
                yield return $"{queue.Name}: {queue.Ready} ready, more than {Ready}";
            }

            if (queue.OldestAge > Oldest)
            {
                yield return $"{queue.Name}: the oldest item waits for {Words.Age(queue.OldestAge)}, longer than {Words.Seconds(Oldest.Value.TotalSeconds)}";
            }

            if (queue.Dead > Dead)
            {
                yield return $"{queue.Name}: {queue.Dead} dead, more than {Dead}";
            }
        }
    }
}
