namespace QueueIpc.Tests.Basics;

/// <summary>Every way to get an item.</summary>
public enum GetForm
{
    Get,
    GetWithTimeout,
    GetWithToken,
    TryGet,
    TryGetWithTimeout,
    GetAsync,
    GetAsyncWithTimeout,
    TryGetAsync,
    GetMany,
    GetManyAsync,
    Lease,
    TryLease,
    LeaseAsync,
    LeaseWithToken,
    LeaseAsyncWithTimeout,
    TryLeaseAsync,
    LeaseMany,
    ReadAllAsync,
    GetConsumingEnumerable,
    LeaseAllAsync,
    ReaderReadAsync,
    ReaderTryRead,
}

internal static class GetForms
{
    public static TheoryData<GetForm> All => [.. Enum.GetValues<GetForm>()];

    /// <summary>Gets one item, and waits for it where the form can wait.</summary>
    public static async Task<T> GetOne<T>(IpcQueue<T> queue, GetForm form)
    {
        switch (form)
        {
            case GetForm.Get:
                return queue.Get();
            case GetForm.GetWithTimeout:
                return queue.Get(Timeout.InfiniteTimeSpan);
            case GetForm.GetWithToken:
                return queue.Get(CancellationToken.None);
            case GetForm.TryGet:
                Assert.True(queue.TryGet(out var tried));
                return tried;
            case GetForm.TryGetWithTimeout:
                Assert.True(queue.TryGet(out var waited, Timeout.InfiniteTimeSpan, CancellationToken.None));
                return waited;
            case GetForm.GetAsync:
                return await queue.GetAsync();
            case GetForm.GetAsyncWithTimeout:
                return await queue.GetAsync(Timeout.InfiniteTimeSpan);
            case GetForm.TryGetAsync:
                var result = await queue.TryGetAsync(Timeout.InfiniteTimeSpan);
                Assert.True(result.Success);
                return result.Item;
            case GetForm.GetMany:
                return Assert.Single(queue.GetMany(1, Timeout.InfiniteTimeSpan));
            case GetForm.GetManyAsync:
                return Assert.Single(await queue.GetManyAsync(1, Timeout.InfiniteTimeSpan));
            case GetForm.ReadAllAsync:
                return await queue.ReadAllAsync().FirstAsync();
            case GetForm.GetConsumingEnumerable:
                return queue.GetConsumingEnumerable().First();
            case GetForm.ReaderReadAsync:
                return await queue.Reader.ReadAsync();
            case GetForm.ReaderTryRead:
                Assert.True(queue.Reader.TryRead(out var read));
                return read;
            default:
                var lease = await LeaseOne(queue, form);
                await lease.AckAsync();
                return lease.Item;
        }
    }

    private static async Task<QueueLease<T>> LeaseOne<T>(IpcQueue<T> queue, GetForm form)
    {
        switch (form)
        {
            case GetForm.Lease:
                return queue.Lease();
            case GetForm.TryLease:
                Assert.True(queue.TryLease(out var lease, Timeout.InfiniteTimeSpan));
                return lease;
            case GetForm.LeaseAsync:
                return await queue.LeaseAsync();
            case GetForm.LeaseWithToken:
                return queue.Lease(CancellationToken.None);
            case GetForm.LeaseAsyncWithTimeout:
                return await queue.LeaseAsync(Timeout.InfiniteTimeSpan);
            case GetForm.TryLeaseAsync:
                var (found, tried) = await queue.TryLeaseAsync(Timeout.InfiniteTimeSpan);
                Assert.True(found);
                return tried;
            case GetForm.LeaseMany:
                return Assert.Single(queue.LeaseMany(1, Timeout.InfiniteTimeSpan, CancellationToken.None));
            case GetForm.LeaseAllAsync:
                return await queue.LeaseAllAsync().FirstAsync();
            default:
                throw new ArgumentOutOfRangeException(nameof(form), form, null);
        }
    }
}
