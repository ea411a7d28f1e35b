using System.Diagnostics.CodeAnalysis;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>A member did not come that an object cannot be without.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal sealed class MemberMissingException(Shape shape, ShapeMember member)
    : MessagePackSerializationException($"{Words.Of(shape.Type)} needs '{member.Name}', which did not come and has no default.")
{
    public ShapeMember Member => member;
}
