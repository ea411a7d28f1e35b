using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>
/// Whoever has sent a request and gets what comes back for it. Called by whichever thread reads; it must not send, and not block.
/// What is not said otherwise takes as long as it takes, and ends with its pipe.
/// </summary>
internal interface IReplyTarget
{
    /// <summary>For whom the request was made; ending that ends the request.</summary>
    ClientQueue? Owner { get; }

    /// <summary>When the broker must have answered, in microseconds of the machine's clock.</summary>
    long GuardAt { get; }

    /// <summary>A frame for this request. The body is valid during the call only.</summary>
    /// <returns>Whether it was the last.</returns>
    bool OnFrame(in FrameHeader header, ReadOnlySpan<byte> body);

    /// <summary>There will be no answer: the connection is over.</summary>
    void OnLost();

    /// <summary>There was no answer in time: the broker does not respond. Not if that time has changed since.</summary>
    /// <param name="id">The request; one that has ended meanwhile is past caring, and its object may serve another.</param>
    /// <returns>Whether that was an answer, so that none is to come any more.</returns>
    bool OnOverdue(ulong id) => false;

    /// <summary>The pipe is gone, and another one is looked for.</summary>
    /// <param name="id">The request.</param>
    /// <returns>Whether the request has ended with that.</returns>
    bool OnInterrupted(ulong id)
    {
        OnLost();
        return true;
    }

    /// <summary>There is another pipe, and calls were sent again there. What has not gone on by that does so now, or ends.</summary>
    /// <param name="id">The request.</param>
    /// <param name="epoch">Which pipe that is. It may be gone as well by now.</param>
    /// <returns>Whether there is still an answer to come.</returns>
    bool GoOn(ulong id, int epoch)
    {
        OnLost();
        return false;
    }

    /// <summary>Asks the broker to end the request. It is answered all the same, once.</summary>
    /// <param name="id">The request; one that has ended meanwhile is past caring, and its object may serve another.</param>
    void Cancel(ulong id)
    {
        // Without an owner there is nobody who could ask for it.
    }
}
