using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace QueueIpc.Client;

/// <summary>
/// What becomes of puts that go in one frame: the broker accepts so many from the first on, and all others share the reason why not. A put's token is its place,
/// and tells whether it was written to a channel, whose end has an exception of its own.
/// </summary>
internal sealed class PutsTogether(bool isSimulated) : IValueTaskSource
{
    private readonly TaskCompletionSource _ended = new(isSimulated ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
    private int _accepted;
    private Exception? _failure;

    /// <summary>The put in that place, counted from 0.</summary>
    public ValueTask At(int place, bool toChannel) => new(this, checked((short)(toChannel ? ~place : place)));

    /// <summary>Ends them all.</summary>
    public void End(int accepted, Exception? failure)
    {
        (_accepted, _failure) = (accepted, failure);
        _ended.SetResult();
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) =>
        !_ended.Task.IsCompleted ? ValueTaskSourceStatus.Pending : IsAccepted(token) ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        var awaiter = _ended.Task.ConfigureAwait(flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext)).GetAwaiter();
        if (flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext))
        {
            awaiter.OnCompleted(() => continuation(state));
        }
        else
        {
            awaiter.UnsafeOnCompleted(() => continuation(state));
        }
    }

    void IValueTaskSource.GetResult(short token)
    {
        // Whoever asks too early is made to wait, as with a task.
        _ended.Task.GetAwaiter().GetResult();
        if (!IsAccepted(token))
        {
            ExceptionDispatchInfo.Throw(token < 0 && _failure is QueueCompletedException end ? Errors.ChannelClosed(end) : _failure!);
        }
    }

    private bool IsAccepted(short token) => _failure is null || (token < 0 ? ~token : token) < _accepted;
}
