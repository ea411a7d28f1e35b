using QueueIpc.Serialization;

namespace QueueIpc.Pools;

/// <summary>A job with its types, for whoever waits for its end.</summary>
/// <param name="job">The job, as it was given.</param>
/// <param name="packed">The same, as it travels.</param>
/// <param name="results">How its result is read.</param>
/// <param name="whenOver">Told of the end, if <see cref="Over"/> is not enough.</param>
internal sealed class PoolJob<TJob, TResult>(TJob job, byte[] packed, PoolCodec<TResult> results, Action<PoolJob<TJob, TResult>>? whenOver) : PoolJob(packed)
{
    private readonly TaskCompletionSource<PoolResult<TJob, TResult>> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with what became of it.</summary>
    public Task<PoolResult<TJob, TResult>> Over => _over.Task;

    public override void Succeed(ReadOnlyMemory<byte> result)
    {
        TResult unpacked;
        try
        {
            unpacked = results.Unpack(result);
        }
        catch (Exception e)
        {
            Fail(new ItemSerializationException($"The result of a job cannot be read as {Words.Of(typeof(TResult))}: {e.Message}", e, result));
            return;
        }

        End(unpacked, failure: null);
    }

    public override void Fail(Exception why) => End(default, why);

    private void End(TResult? result, Exception? failure)
    {
        _over.SetResult(new PoolResult<TJob, TResult>(job, result, failure));
        whenOver?.Invoke(this);
    }
}
