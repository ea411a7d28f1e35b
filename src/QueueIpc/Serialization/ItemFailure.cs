using System.Diagnostics.CodeAnalysis;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>An item could not be written or read: says where in it, and why, in words that name nothing of the serializer's inside.</summary>
internal sealed class ItemFailure : MessagePackSerializationException
{
    /// <summary>Where the innermost object began that the exception left: an exception passes here before anything is undone.</summary>
    [ThreadStatic]
    private static (Exception Passing, long Start) _left;

    private ItemFailure(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Always false: it only looks.</summary>
    public static bool Note(Exception passing, long start)
    {
        if (!ReferenceEquals(_left.Passing, passing))
        {
            _left = (passing, start);
        }

        return false;
    }

    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    public static ItemFailure OfPut(Type type, ReadOnlyMemory<byte> written, Exception error)
    {
        var at = ItemPlace.AtEnd(type, written);
        return new ItemFailure(At(at.Path, Reason(error)), error);
    }

    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    public static ItemFailure OfGet(Type type, ReadOnlyMemory<byte> bytes, long consumed, Exception error)
    {
        var cause = error.GetBaseException();
        var (passing, start) = _left;
        _left = default;
        if (cause is MemberMissingException missing)
        {
            var other = ItemPlace.NamesOf(bytes, start).Find(name => string.Equals(name, missing.Member.Key, StringComparison.OrdinalIgnoreCase));
            var words = other is null ? cause.Message : $"{cause.Message} '{other}' came, and the case counts.";
            return new ItemFailure(At(ItemPlace.Of(type, bytes, start).Path, words), error);
        }

        if (ReferenceEquals(passing, error) && error is not (MessagePackSerializationException or EndOfStreamException or OverflowException))
        {
            return new ItemFailure(At(ItemPlace.Of(type, bytes, start).Path, error.Message), error);
        }

        var place = ItemPlace.Of(type, bytes, Math.Max(consumed - 1, 0));
        return new ItemFailure(At(place.Path, IsMismatch(cause) ? $"{place.Came} came where {place.Wanted} is read." : cause is EndOfStreamException ? "the item ends there." : IsOfLibrary(cause) ? $"{place.Came} came, and it is no {place.Wanted}." : Reason(error)), error);
    }

    private static bool IsMismatch(Exception cause) => cause is OverflowException || (cause is MessagePackSerializationException && cause.Message.StartsWith("Unexpected msgpack code", StringComparison.Ordinal));

    /// <summary>The kind was right, and the rest was not: MessagePack says so in words that name its own inside.</summary>
    private static bool IsOfLibrary(Exception cause) => cause is MessagePackSerializationException && cause.Source == typeof(MessagePackSerializationException).Assembly.GetName().Name;

    private static string Reason(Exception error) => error.GetBaseException().Message;

    private static string At(string path, string words) => Client.Errors.Sentence(path.Length == 0 ? words : $"{path}: {words}");
}
