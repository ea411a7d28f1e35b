using System.Diagnostics;
using QueueIpc.Hosting.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests.Observability;

public sealed class TraceTests : IDisposable
{
    private readonly QueueBroker _broker = QueueBroker.Start();
    private readonly QueueClient _client;
    private readonly IpcQueue<string> _jobs;

    public TraceTests()
    {
        _client = QueueClient.Connect(_broker.Endpoint);
        _jobs = _client.OpenQueue<string>("jobs", new QueueOptions { MaxFailures = 2 });
    }

    public void Dispose()
    {
        _client.Dispose();
        _broker.Dispose();
    }

    [Fact]
    public void PutAndGet_TracingOn_TwoSpansAsTheConventionsSayAndALinkBetweenThem()
    {
        using var traces = new Traces();
        using (Traces.Around("request"))
        {
            _jobs.Put("a");
        }

        Assert.Equal("a", _jobs.Get());

        var (request, put, get) = (Assert.Single(traces.Ended("request")), Assert.Single(traces.Ended("put jobs")), Assert.Single(traces.Ended("get jobs")));
        Assert.Equal((ActivityKind.Producer, request.SpanId), (put.Kind, put.ParentSpanId));
        Assert.Equal(ActivityKind.Consumer, get.Kind);
        Assert.Equal(put.Context.SpanId, Assert.Single(get.Links).Context.SpanId);
        Assert.NotEqual(put.TraceId, get.TraceId);
        Assert.Equal(
            ["queueipc", "jobs", "put", "send", _broker.Endpoint, "1"],
            Tags(put, "messaging.system", "messaging.destination.name", "messaging.operation.name", "messaging.operation.type", "server.address", "messaging.batch.message_count"));
        Assert.Equal(["get", "receive", "1"], Tags(get, "messaging.operation.name", "messaging.operation.type", "messaging.batch.message_count"));
    }

    [Fact]
    public async Task Put_EveryForm_ItemCarriesTheCallersTraceAndTheCallerIsNotMovedIntoIt()
    {
        using var traces = new Traces();
        foreach (var put in new Func<Task>[]
        {
            () => { _jobs.Put("a"); return Task.CompletedTask; },
            () => { Assert.True(_jobs.TryPut("a")); return Task.CompletedTask; },
            () => _jobs.PutAsync("a", TestContext.Current.CancellationToken).AsTask(),
            () => _jobs.PutAsync("a", CancellationToken.None).AsTask(),
            () => { _jobs.PutMany(["a"]); return Task.CompletedTask; },
            () => _jobs.PutManyAsync(["a"], TestContext.Current.CancellationToken),
        })
        {
            using var around = Traces.Around("request");
            await put();
            Assert.Same(around, Activity.Current);
            using var lease = _jobs.Lease(Times.Long);
            Assert.Equal(around.TraceId, lease.TraceContext.TraceId);
            Assert.Equal(traces.Ended("put jobs")[^1].SpanId, lease.TraceContext.SpanId);
            Assert.Same(around, Activity.Current);
            lease.Ack();
        }
    }

    [Fact]
    public void PutMany_TracingOn_OneSpanForABatch()
    {
        using var traces = new Traces();

        _jobs.PutMany(Enumerable.Range(0, 100).Select(n => $"{n}"));

        Assert.Equal(["100"], Tags(Assert.Single(traces.Ended("put jobs")), "messaging.batch.message_count"));
    }

    [Fact]
    public async Task ReadAllAsync_TracedItems_EachIsLinkedAndUntracedOnesHaveNoSpan()
    {
        _jobs.Put("untraced");
        using var traces = new Traces();
        _jobs.PutMany(["a", "b"]);
        _jobs.Complete();

        var read = await _jobs.ReadAllAsync(TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["untraced", "a", "b"], read);
        var put = Assert.Single(traces.Ended("put jobs"));
        Assert.Equal(2, traces.Ended("get jobs").Length);
        Assert.All(traces.Ended("get jobs"), get => Assert.Equal(put.SpanId, Assert.Single(get.Links).Context.SpanId));
    }

    [Fact]
    public void Get_NothingOrACompletedQueue_SpanSaysWhich()
    {
        using var traces = new Traces();

        Assert.False(_jobs.TryGet(out _));
        _jobs.Complete();
        Assert.Throws<QueueCompletedException>(() => _jobs.Get());

        Assert.Equal([(ActivityStatusCode.Unset, null), (ActivityStatusCode.Error, "completed")], traces.Ended("get jobs").Select(get => (get.Status, (string?)get.GetTagItem("error.type"))));
    }

    [Fact]
    public void Put_CannotBeSerialised_SpanHasTheError()
    {
        using var traces = new Traces();
        using var queue = _client.OpenQueue<Action>("actions");

        Assert.Throws<ItemSerializationException>(() => queue.Put(() => { }));

        Assert.Equal(typeof(ItemSerializationException).FullName, Assert.Single(traces.Ended("put actions")).GetTagItem("error.type"));
    }

    [Fact]
    public void PutMany_FirstItemCannotBeSerialised_SpanHasTheErrorAndTheNextPutItsOwn()
    {
        using var traces = new Traces();
        using var queue = _client.OpenQueue<object>("objects");

        Assert.Throws<ItemSerializationException>(() => queue.PutMany([(Action)(() => { })]));
        queue.PutMany([1]);

        Assert.Equal(
            [(typeof(ItemSerializationException).FullName, 0L), (null, 1L)],
            traces.Ended("put objects").Select(put => ((string?)put.GetTagItem("error.type"), (long?)put.GetTagItem("messaging.batch.message_count"))));
    }

    [Fact]
    public void UnnamedQueue_Spans_HaveNoNameOfTheirOwn()
    {
        using var traces = new Traces();
        using var queue = IpcQueue.Create<int>();

        queue.Put(1);

        Assert.Equal(["True", ""], Tags(Assert.Single(traces.Ended("put")), "messaging.destination.anonymous", "messaging.destination.name"));
    }

    [Fact]
    public async Task Consumer_HandlerFailsOnce_BothAttemptsAreInTheTraceOfThePut()
    {
        using var traces = new Traces();
        var current = new List<string?>();
        using var host = await TestHost.StartAsync(services => services
            .AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint)
            .AddIpcQueueConsumer<string>(
                "jobs",
                (lease, _, _) =>
                {
                    current.Add(Activity.Current?.DisplayName);
                    return lease.Failures == 0 ? throw new InvalidOperationException("no luck") : Task.CompletedTask;
                },
                configure: options => options.RetryDelay = TimeSpan.FromMilliseconds(1)));

        _jobs.Put("a");
        Assert.True(_jobs.Join(Times.Long));
        Eventually.True(() => traces.Ended("process jobs").Length == 2);

        var put = Assert.Single(traces.Ended("put jobs"));
        var attempts = traces.Ended("process jobs");
        Assert.Equal(["process jobs", "process jobs"], current);
        Assert.All(attempts, attempt => Assert.Equal((put.TraceId, put.SpanId, ActivityKind.Consumer), (attempt.TraceId, attempt.ParentSpanId, attempt.Kind)));
        Assert.All(attempts, attempt => Assert.Equal(put.SpanId, Assert.Single(attempt.Links).Context.SpanId));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], attempts.Select(attempt => attempt.Status));
        Assert.Equal(["nacked", null], attempts.Select(attempt => attempt.GetTagItem("error.type")));
        Assert.Equal("no luck", attempts[0].StatusDescription);
        var thrown = Assert.Single(attempts[0].Events);
        Assert.Equal(("exception", typeof(InvalidOperationException).FullName), (thrown.Name, thrown.Tags.Single(tag => tag.Key == "exception.type").Value));
    }

    [Theory]
    [InlineData("ack", null)]
    [InlineData("nack", "nacked")]
    [InlineData("release", "released")]
    [InlineData("dead letter", "dead_lettered")]
    [InlineData("none", "nacked")]
    public void Process_EachVerdict_IsTheErrorOfTheSpanAsItIsThatOfTheMetric(string verdict, string? error)
    {
        using var traces = new Traces();
        _jobs.Put("a");
        using (var lease = _jobs.Lease(Times.Long))
        {
            using var process = lease.StartActivity();
            switch (verdict)
            {
                case "ack": lease.Ack(); break;
                case "nack": lease.Nack(); break;
                case "release": lease.Release(); break;
                case "dead letter": lease.DeadLetter("no use"); break;
                default: lease.Dispose(); break;
            }
        }

        var span = Assert.Single(traces.Ended("process jobs"));
        Assert.Equal((error, error is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error), (span.GetTagItem("error.type"), span.Status));
    }

    [Fact]
    public void Process_VerdictCouldNotBeGiven_IsTheErrorOfTheSpan()
    {
        using var traces = new Traces();
        _jobs.Put("a");
        using (var lease = _jobs.Lease(Times.Long))
        {
            using var process = lease.StartActivity();
            _broker.Dispose();
            Assert.Throws<BrokerUnavailableException>(lease.Ack);
        }

        Assert.Equal("verdict_lost", Assert.Single(traces.Ended("process jobs")).GetTagItem("error.type"));
    }

    [Fact]
    public void PutAndLease_InTwoProcesses_TheTraceGoesThereAndComesBack()
    {
        using var traces = new Traces();
        using var replies = _client.OpenQueue<string>("replies");
        using var worker = WorkerProcess.Start(Answer, _jobs, replies);
        using (Traces.Around("request"))
        {
            _jobs.Put("a");
        }

        using var reply = replies.Lease(Times.Long);

        var (request, put) = (Assert.Single(traces.Ended("request")), Assert.Single(traces.Ended("put jobs")));
        Assert.Equal($"{request.TraceId} {put.SpanId}", reply.Item);
        Assert.Equal(request.TraceId, reply.TraceContext.TraceId);
        Assert.True(reply.TraceContext.IsRemote);
        reply.Ack();
        Assert.True(worker.WaitForExit(Times.Long));
    }

    /// <summary>Says in which trace it works, and under which span, in a put of its own.</summary>
    private static void Answer(IpcQueue<string> jobs, IpcQueue<string> replies)
    {
        using var traces = new Traces();
        using var lease = jobs.Lease(Times.Long);
        using (var process = lease.StartActivity())
        {
            replies.Put($"{process!.TraceId} {process.ParentSpanId}");
        }

        lease.Ack();
    }

    private static string[] Tags(Activity span, params string[] names) => [.. names.Select(name => $"{span.GetTagItem(name)}")];
}
