using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>An item could not be written or read: says where in it, and why, in words that name nothing of the serializer's inside.</summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class ItemFailure : MessagePackSerializationException
{
    /// <summary>The innermost object that the exception left, and what was done to it: an exception passes here before anything is undone.</summary>
    [ThreadStatic]
    private static (Exception Passing, long Start, Shape Shape, int Step) _left;

    private ItemFailure(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Always false: it only looks.</summary>
    public static bool Note(Exception passing, long start, Shape shape, int step)
    {
        if (!ReferenceEquals(_left.Passing, passing))
        {
            _left = (passing, start, shape, step);
        }

        return false;
    }

    public static ItemFailure OfPut(Type type, ReadOnlyMemory<byte> written, Exception error)
    {
        var at = ItemPlace.AtEnd(type, written);
        return new ItemFailure(At(at.Path, error.GetBaseException().Message), error);
    }

    public static ItemFailure OfGet(Type type, ReadOnlyMemory<byte> bytes, long consumed, Exception error)
    {
        var (passing, start, shape, step) = _left;
        _left = default;
        var (path, words) = ReferenceEquals(passing, error) && (error is MemberMissingException || step != ShapeStep.Reading)
            ? OfObject(ItemPlace.Of(type, bytes, start), () => ItemPlace.NamesOf(bytes, start), shape, step, error)
            : OfValue(ItemPlace.Of(type, bytes, Math.Max(consumed - 1, 0)), error, error.GetBaseException());
        return new ItemFailure(At(path, words), error);
    }

    /// <summary>The values came; what the object makes of them is its own code, in its own words.</summary>
    private static (string Path, string Words) OfObject(ItemPlace place, Func<List<string>> names, Shape shape, int step, Exception error)
    {
        if (error is MemberMissingException missing)
        {
            return (place.Path, names().Find(name => string.Equals(name, missing.Member.Key, StringComparison.OrdinalIgnoreCase)) is { } other ? $"{error.Message} '{other}' came, and the case counts." : error.Message);
        }

        var member = step >= 0 ? shape.Members[step]
            : error is ArgumentException { ParamName: { } parameter } ? shape.Members.FirstOrDefault(one => one.Parameter?.Name == parameter)
            : null;
        return (member is null ? place.Path : place.PathTo(member.Name), error.GetBaseException().Message);
    }

    private static (string Path, string Words) OfValue(ItemPlace place, Exception error, Exception cause)
    {
        if (IsOfOthers(error))
        {
            return (place.Path, cause.Message);
        }

        return cause is ArgumentException && place.BadKey is { } key ? key
            : cause is MismatchException || (cause is OverflowException && place.IsNumber) || (IsOfLibrary(cause) && cause.Message.StartsWith("Unexpected msgpack code", StringComparison.Ordinal)) ? (place.Path, place.Mismatch)
            : cause is EndOfStreamException ? (place.Path, "the item ends there.")
            : IsOfLibrary(cause) || cause is FormatException or ArgumentException or OverflowException or InvalidCastException ? place.NoSuch
            : (place.Path, cause.Message);
    }

    /// <summary>Whether code had a part in it that is neither .NET's nor the serializer's: a collection's own Add, a formatter that somebody wrote.</summary>
    private static bool IsOfOthers(Exception error) => new StackTrace(error.GetBaseException()).GetFrames().Any(frame => frame.GetMethod()?.DeclaringType is { } type
        && !Advice.IsOfDotnet(type) && type.Assembly != typeof(object).Assembly && type.Assembly != typeof(MessagePackSerializationException).Assembly && type.Namespace != typeof(ItemFailure).Namespace);

    /// <summary>MessagePack's words name its own inside.</summary>
    private static bool IsOfLibrary(Exception cause) => cause is MessagePackSerializationException && cause.Source == typeof(MessagePackSerializationException).Assembly.GetName().Name;

    private static string At(string path, string words) => Client.Errors.Sentence(path.Length == 0 ? words : $"{path}: {words}");
}
