namespace QueueIpc;

/// <summary>
/// What a consumer does with each item. An instance is made for every item, in a scope of its own, so that it may ask for scoped services.
/// </summary>
/// <typeparam name="T">The type of the items.</typeparam>
public interface IIpcQueueHandler<T>
{
    /// <summary>
    /// Deals with one item. When it returns, the item is acked; when it throws, the item comes back after a delay that doubles with every failure,
    /// until it is dead. Only what wants something else gives the verdict itself: <see cref="QueueLease{T}.DeadLetter"/> and the like.
    /// </summary>
    /// <param name="lease">The item, and how often it has failed before.</param>
    /// <param name="ct">
    /// Cancelled when the host's shutdown timeout is over: not when shutdown begins, so that the item can be finished. Whoever ends with
    /// <see cref="OperationCanceledException"/> then gives the item back, and that is no failure.
    /// </param>
    /// <returns>Ends when the item is dealt with.</returns>
    Task HandleAsync(QueueLease<T> lease, CancellationToken ct);
}
