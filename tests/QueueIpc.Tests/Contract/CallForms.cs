namespace QueueIpc.Tests.Contract;

/// <summary>Every way to write a put or a get of one item.</summary>
internal static class CallForms
{
    private static readonly Dictionary<string, Func<IpcQueue<int>, int, ValueTask>> Puts = new()
    {
        ["Put"] = (queue, item) => Now(() => queue.Put(item)),
        ["Put(timeout)"] = (queue, item) => Now(() => queue.Put(item, Support.Times.Long)),
        ["Put(ct)"] = (queue, item) => Now(() => queue.Put(item, CancellationToken.None)),
        ["TryPut"] = (queue, item) => Now(() => Assert.True(queue.TryPut(item))),
        ["TryPut(timeout)"] = (queue, item) => Now(() => Assert.True(queue.TryPut(item, Support.Times.Long))),
        ["TryPut(timeout, ct)"] = (queue, item) => Now(() => Assert.True(queue.TryPut(item, Timeout.InfiniteTimeSpan, CancellationToken.None))),
        ["PutAsync"] = (queue, item) => queue.PutAsync(item),
        ["PutAsync(ct)"] = (queue, item) => queue.PutAsync(item, CancellationToken.None),
        ["PutAsync(timeout)"] = (queue, item) => queue.PutAsync(item, Support.Times.Long),
        ["PutAsync(timeout, ct)"] = (queue, item) => queue.PutAsync(item, Timeout.InfiniteTimeSpan, CancellationToken.None),
        ["PutMany"] = (queue, item) => Now(() => queue.PutMany([item])),
        ["PutManyAsync"] = (queue, item) => new ValueTask(queue.PutManyAsync([item])),
        ["Writer.TryWrite"] = (queue, item) => Now(() => Assert.True(queue.Writer.TryWrite(item))),
        ["Writer.WriteAsync"] = (queue, item) => queue.Writer.WriteAsync(item),
    };

    private static readonly Dictionary<string, Func<IpcQueue<int>, ValueTask<int>>> Gets = new()
    {
        ["Get"] = queue => new(queue.Get()),
        ["Get(timeout)"] = queue => new(queue.Get(Support.Times.Long)),
        ["Get(ct)"] = queue => new(queue.Get(CancellationToken.None)),
        ["TryGet"] = queue => new(queue.TryGet(out var item) ? item : throw NothingThere()),
        ["TryGet(timeout)"] = queue => new(queue.TryGet(out var item, Support.Times.Long) ? item : throw NothingThere()),
        ["TryGet(timeout, ct)"] = queue => new(queue.TryGet(out var item, Timeout.InfiniteTimeSpan, CancellationToken.None) ? item : throw NothingThere()),
        ["GetAsync"] = queue => queue.GetAsync(),
        ["GetAsync(timeout)"] = queue => queue.GetAsync(Support.Times.Long),
        ["GetAsync(timeout, ct)"] = queue => queue.GetAsync(Timeout.InfiniteTimeSpan, CancellationToken.None),
        ["TryGetAsync"] = async queue => await queue.TryGetAsync(Support.Times.Long) is { Success: true, Item: var item } ? item : throw NothingThere(),
        ["GetMany"] = queue => new(queue.GetMany(1, Support.Times.Long)[0]),
        ["GetManyAsync"] = async queue => (await queue.GetManyAsync(1, Support.Times.Long))[0],
    };

    public static TheoryData<string> PutNames => [.. Puts.Keys];

    public static TheoryData<string> GetNames => [.. Gets.Keys];

    public static ValueTask Put(string form, IpcQueue<int> queue, int item) => Puts[form](queue, item);

    public static ValueTask<int> Get(string form, IpcQueue<int> queue) => Gets[form](queue);

    private static ValueTask Now(Action put)
    {
        put();
        return ValueTask.CompletedTask;
    }

    private static InvalidOperationException NothingThere() => new("nothing was there");
}
