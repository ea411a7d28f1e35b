using System.Collections;
using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>What can be handed to a worker, and what a worker inherits.</summary>
public sealed class WorkerArgumentTests
{
    public sealed record Order(int Number, string? Customer, decimal[] Prices, Address? Address);

    public sealed record Address(string Street, Dictionary<string, DayOfWeek> OpenOn);

    public sealed record Request(string Question, IpcQueue<string> Replies);

    [Fact]
    public void Start_ArgumentsOfAllKinds_ArriveEqual()
    {
        var order = new Order(7, "Grüße 你好", [1.10m, -2m], new Address("Main", new() { ["week"] = DayOfWeek.Friday }));
        using var texts = IpcQueue.Create<string>();
        using var workers = new Workforce();
        workers.Add(WorkerProcess.Start(Describe, texts, order, (Order?)null, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)));
        workers.Add(WorkerProcess.Start(DescribeMore, texts, new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), new byte[] { 1, 2 }, (int?)null));

        string[] seen = [texts.Get(Times.Long), texts.Get(Times.Long)];

        Assert.Equal(
            ["00000001-0002-0003-0405-060708090a0b 0102 null", "7 Grüße 你好 1.10;-2 Main week=Friday, null, 2026-01-02T03:04:05.0000000Z"],
            seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Start_QueuesOfSeveralBrokers_AllArriveConnected()
    {
        using var inside = QueueBroker.Start();
        using var outside = QueueBroker.StartProcess();
        using var workers = new Workforce();
        using var unnamed = IpcQueue.Create<string>();
        using var first = inside.OpenQueue<string>("same name");
        using var second = outside.OpenQueue<string>("same name");
        unnamed.Put("item");

        workers.Add(WorkerProcess.Start(PassOn, unnamed, first, second));

        Assert.Equal("item by way of first", first.Get(Times.Long));
        Assert.Equal("item by way of second", second.Get(Times.Long));
    }

    [Fact]
    public void Start_QueueInsideARecord_ArrivesConnected()
    {
        using var workers = new Workforce();
        using var replies = IpcQueue.Create<string>();
        workers.Add(WorkerProcess.Start(Answer, new Request("why", replies)));
        Assert.Equal("why? therefore", replies.Get(Times.Long));
    }

    [Fact]
    public void Start_ArgumentThatCannotBeSent_IsAnArgumentExceptionThatNamesIt()
    {
        var e = Assert.Throws<ArgumentException>(() => WorkerProcess.Start(TakeStream, (Stream)new MemoryStream()));
        Assert.Equal("stream", e.ParamName);
        Assert.Contains("cannot be sent to a child process", e.Message);
    }

    [Fact]
    public void Start_ByAWorker_ItsChildrenWorkAsWell()
    {
        using var workers = new Workforce();
        using var depths = IpcQueue.Create<int>();
        var child = workers.Add(WorkerProcess.Start(GoDeeper, depths, 1));
        Assert.True(child.WaitForExit(Times.Long));
        Assert.Equal(3, child.ExitCode);
        Assert.Equal([1, 2, 3], depths.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public void Start_Environment_TheChildHasItsParentsAndNothingOfOurs()
    {
        const string Mine = "QUEUEIPC_TEST_VARIABLE";
        Environment.SetEnvironmentVariable(Mine, "inherited");
        using var workers = new Workforce();
        using var names = IpcQueue.Create<string[]>();
        workers.Add(WorkerProcess.Start(ListEnvironment, names));
        Environment.SetEnvironmentVariable(Mine, null);

        var seen = names.Get(Times.Long);

        Assert.Contains($"{Mine}=inherited", seen);
        Assert.DoesNotContain(seen, variable => variable.StartsWith("QUEUEIPC_WORKER=", StringComparison.Ordinal));
        Assert.Equal(
            Environment.GetEnvironmentVariable("DOTNET_STARTUP_HOOKS") is { } hooks ? [$"DOTNET_STARTUP_HOOKS={hooks}"] : [],
            seen.Where(variable => variable.StartsWith("DOTNET_STARTUP_HOOKS=", StringComparison.Ordinal)));
    }

    private static void Describe(IpcQueue<string> texts, Order order, Order? nothing, DateTime time) => texts.Put(
        $"{order.Number} {order.Customer} {string.Join(';', order.Prices)} {order.Address!.Street} {string.Join(';', order.Address.OpenOn.Select(on => $"{on.Key}={on.Value}"))}, {nothing?.ToString() ?? "null"}, {time:O}");

    private static void DescribeMore(IpcQueue<string> texts, Guid guid, byte[] bytes, int? nothing) =>
        texts.Put($"{guid} {Convert.ToHexString(bytes)} {nothing?.ToString() ?? "null"}");

    private static void PassOn(IpcQueue<string> from, IpcQueue<string> first, IpcQueue<string> second)
    {
        var item = from.Get();
        first.Put($"{item} by way of first");
        second.Put($"{item} by way of second");
    }

    private static void Answer(Request request) => request.Replies.Put($"{request.Question}? therefore");

    private static void TakeStream(Stream stream) => stream.Dispose();

    private static int GoDeeper(IpcQueue<int> depths, int depth)
    {
        depths.Put(depth);
        if (depth == 3)
        {
            return depth;
        }

        using var child = WorkerProcess.Start(GoDeeper, depths, depth + 1);
        child.WaitForExit();
        return child.ExitCode;
    }

    /// <summary>What this process's own children would inherit.</summary>
    private static void ListEnvironment(IpcQueue<string[]> names) =>
        names.Put([.. new ProcessStartInfo().Environment.Concat(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(pair => KeyValuePair.Create((string)pair.Key, (string?)pair.Value)))
            .Select(pair => $"{pair.Key}={pair.Value}").Distinct()]);
}
