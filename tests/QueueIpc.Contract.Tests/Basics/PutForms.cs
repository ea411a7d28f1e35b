namespace QueueIpc.Tests.Basics;

/// <summary>Every way to put an item.</summary>
public enum PutForm
{
    Put,
    PutWithTimeout,
    PutWithToken,
    TryPut,
    TryPutWithTimeout,
    PutAsync,
    PutAsyncWithTimeout,
    PutMany,
    PutManyWithTimeout,
    PutManyWithToken,
    PutManyAsync,
    PutManyAsyncWithTimeout,
    PutManyAsyncOfAsync,
    WriterTryWrite,
    WriterWriteAsync,
}

internal static class PutForms
{
    public static TheoryData<PutForm> All => [.. Enum.GetValues<PutForm>()];

    public static async Task PutOne<T>(IpcQueue<T> queue, T item, PutForm form)
    {
        switch (form)
        {
            case PutForm.Put:
                queue.Put(item);
                break;
            case PutForm.PutWithTimeout:
                queue.Put(item, Timeout.InfiniteTimeSpan);
                break;
            case PutForm.PutWithToken:
                queue.Put(item, CancellationToken.None);
                break;
            case PutForm.TryPut:
                Assert.True(queue.TryPut(item));
                break;
            case PutForm.TryPutWithTimeout:
                Assert.True(queue.TryPut(item, Timeout.InfiniteTimeSpan, CancellationToken.None));
                break;
            case PutForm.PutAsync:
                await queue.PutAsync(item);
                break;
            case PutForm.PutAsyncWithTimeout:
                await queue.PutAsync(item, Timeout.InfiniteTimeSpan);
                break;
            case PutForm.PutMany:
                queue.PutMany([item]);
                break;
            case PutForm.PutManyWithTimeout:
                queue.PutMany([item], TimeSpan.FromSeconds(30));
                break;
            case PutForm.PutManyWithToken:
                queue.PutMany([item], CancellationToken.None);
                break;
            case PutForm.PutManyAsyncWithTimeout:
                await queue.PutManyAsync([item], TimeSpan.FromSeconds(30));
                break;
            case PutForm.PutManyAsync:
                await queue.PutManyAsync([item]);
                break;
            case PutForm.PutManyAsyncOfAsync:
                await queue.PutManyAsync(new[] { item }.ToAsyncEnumerable());
                break;
            case PutForm.WriterTryWrite:
                Assert.True(queue.Writer.TryWrite(item));
                break;
            case PutForm.WriterWriteAsync:
                await queue.Writer.WriteAsync(item);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(form), form, null);
        }
    }
}
