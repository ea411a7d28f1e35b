using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace QueueIpc.Serialization;

/// <summary>Whether this program still has all of its types' members and may make code at run time: not when it was trimmed, or compiled ahead of time.</summary>
internal static class Reflection
{
    /// <summary>What the compiler says to a program that will be trimmed or compiled ahead of time.</summary>
    public const string Needed =
        "The usual serializer, MessagePack, looks at an item's type at run time. In a trimmed or Native AOT program use the overload with an IQueueSerializer of your own; for bytes, RawBytesSerializer.Instance.";

    /// <summary>Trimming makes this false, too: it knows the attribute.</summary>
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
    [FeatureGuard(typeof(RequiresDynamicCodeAttribute))]
    [SuppressMessage("Trimming", "IL4000", Justification = "What trimming makes of this is what it says.")]
    public static bool IsComplete => RuntimeFeature.IsDynamicCodeSupported;
}
