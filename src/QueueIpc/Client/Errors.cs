using System.Threading.Channels;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc.Client;

/// <summary>What users are told: what happened, on which queue, and what to try.</summary>
internal static class Errors
{
    public static BrokerUnavailableException NobodyServes(string endpoint, TimeSpan timeout, string? obstacle) =>
        new($"No broker answered at '{endpoint}' within {Describe(timeout)}{(obstacle is null ? string.Empty : $" (the last try: {obstacle.TrimEnd('.')})")}. Is it running? Start one with QueueBroker.Start or StartProcess, check the endpoint, or raise ConnectTimeout.");

    public static BrokerUnavailableException NoGreeting(string endpoint, TimeSpan timeout) =>
        new($"Something listens at '{endpoint}' and did not greet within {Describe(timeout)}. Is it a QueueIpc broker, is it running, and has it file descriptors left?") { IsListening = true };

    public static BrokerUnavailableException Unavailable(string call, string queue, ClientConnection connection, bool isPut, bool mayHaveArrived = true)
    {
        var doubt = !isPut ? string.Empty : mayHaveArrived ? " Whether the item was accepted is unknown." : " The item was not put.";
        return new BrokerUnavailableException($"{CallOn(queue, call)} has no answer: {connection.LostBecause}.{doubt} {Anew(queue, connection)}");
    }

    public static BrokerUnavailableException Lost(string call, string queue, ClientConnection connection) =>
        new($"{CallOn(queue, call)} was not sent: {connection.LostBecause}. {Anew(queue, connection)}");

    public static QueueEmptyException Empty(string queue, TimeSpan timeout) =>
        new($"Queue '{queue}' was empty for {Describe(timeout)}.");

    public static QueueFullException Full(string queue, int capacity, TimeSpan timeout) =>
        new($"Queue '{queue}' was full for {Describe(timeout)}{(capacity > 0 ? $" (capacity {capacity})" : string.Empty)}. The item was not put.");

    public static QueueCompletedException Completed(string queue, bool isPut) =>
        new(isPut ? $"Queue '{queue}' is completed: it takes no items any more." : $"Queue '{queue}' is completed, and nothing is left in it.");

    public static QueueCompletedException Deleted(string queue) =>
        new($"Queue '{queue}' was deleted.") { IsDeleted = true };

    public static ItemTooLargeException TooLarge(string queue, long bytes, long bytesMax, int? index = null) =>
        new($"{Item(index)} for queue '{queue}' has {bytes} bytes; the broker takes {bytesMax} at most (QueueBrokerOptions.MaxItemBytes). {NotPut(index)}");

    public static ItemTooLargeException NeverFits(string queue, long maxBytes, int? index = null) =>
        new($"{Item(index)} for queue '{queue}' is larger than all the queue may hold (QueueOptions.MaxBytes {maxBytes}). {NotPut(index)}");

    public static ItemSerializationException CannotWrite(string queue, Type type, Exception inner, int? index = null) =>
        new($"{Item(index)} for queue '{queue}' cannot be serialised as {Words.Of(type)}: {Cause(inner)} {NotPut(index)}", inner);

    public static ItemSerializationException CannotRead(string queue, Type type, Exception inner, ReadOnlyMemory<byte> bytes, long sequence = 0) =>
        new($"An item of queue '{queue}' cannot be read as {Words.Of(type)}: {Cause(inner)} It is with the dead items; RawBytes has it ({bytes.Length} bytes).", inner, bytes) { Sequence = sequence > 0 ? sequence : null };

    /// <summary>One of many has a number, by which its caller finds it.</summary>
    private static string Item(int? index) => index is null ? "An item" : $"Item {index}, counted from 0,";

    private static string NotPut(int? index) => index > 0 ? "This item was not put; those before it were." : "This item was not put.";

    /// <summary>The broker is older than what is asked of it.</summary>
    public static NotSupportedException NeedsNewerBroker(string what, ClientConnection connection) =>
        new($"{what} needs a broker that speaks version 2 of the protocol; the one at '{connection.Endpoint}' speaks version {connection.Version}. Start it anew with this version of QueueIpc.");

    public static LeaseLostException LeaseLost(string queue) =>
        new($"The lease on an item of queue '{queue}' has ended: it was settled before, or expired, or its connection ended. Nothing was changed.");

    /// <summary>As if a broker that came back had said it.</summary>
    public static byte[] ItemsAreLost { get; } = [(byte)ErrorCode.ItemsAreLost, (byte)((ushort)ErrorCode.ItemsAreLost >> 8), 0, 0];

    public static Exception Refused(string queue, ReadOnlySpan<byte> refusal)
    {
        var body = new BodyReader(refusal);
        return Refused(queue, (ErrorCode)body.UInt16(), body.Text());
    }

    /// <summary>What the broker says to a request that it refuses.</summary>
    public static Exception Refused(string queue, ErrorCode code, string message) => code switch
    {
        ErrorCode.NoSuchQueue when QueueNames.IsUnnamed(queue) => Deleted(queue),
        ErrorCode.ItemsAreLost => new BrokerUnavailableException($"The broker came back without the items that were in queue '{queue}'. Open the queue anew."),
        ErrorCode.BadName => new ArgumentException(message),
        ErrorCode.ItemTooLarge => new ItemTooLargeException($"Queue '{queue}': {message}. This item was not put."),
        ErrorCode.BadValue => new ArgumentException($"Queue '{queue}': {message}."),
        _ => new InvalidOperationException($"{(queue.Length > 0 ? $"Queue '{queue}': " : string.Empty)}{message}"),
    };

    /// <summary>The end of a queue, as a channel says it.</summary>
    public static ChannelClosedException ChannelClosed(QueueCompletedException end) => new(end.Message, end);

    /// <summary>What is asked of the broker itself is on no queue.</summary>
    private static string CallOn(string queue, string call) => queue.Length > 0 ? $"{call} on queue '{queue}'" : call;

    private static string Anew(string queue, ClientConnection connection) =>
        $"{(queue.Length > 0 ? "Open the queue anew at" : "Connect anew to")} '{connection.Endpoint}' once a broker is there.";

    /// <summary>A serialiser says what it could not do, and its innermost exception why.</summary>
    private static string Cause(Exception error)
    {
        if (error is Serialization.ItemFailure)
        {
            return error.Message;
        }

        var innermost = error.GetBaseException();
        return Sentence(ReferenceEquals(innermost, error) ? error.Message : $"{Sentence(error.Message)} {innermost.Message}");
    }

    /// <summary>Serializers' messages end with a full stop, or do not.</summary>
    public static string Sentence(string words) => words.Length == 0 || words[^1] is '.' or '!' or '?' ? words : words + ".";

    public static string Describe(TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan ? "for ever"
        : time < TimeSpan.FromSeconds(1) ? $"{time.TotalMilliseconds:0.###} ms"
        : $"{time.TotalSeconds:0.###} s";
}
