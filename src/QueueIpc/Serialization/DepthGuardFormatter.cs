using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

/// <summary>
/// Refuses to write what nests deeper than anybody may read (MessagePackSecurity.UntrustedData: 500), above all an object that contains
/// itself: MessagePack counts the depth only while reading, and a stack that overflows ends the process.
/// </summary>
internal sealed class DepthGuardFormatter<T>(IMessagePackFormatter<T> inner) : IMessagePackFormatter<T>
{
    public void Serialize(ref MessagePackWriter writer, T value, MessagePackSerializerOptions options)
    {
        WritingDepth.Enter(options.Security.MaximumObjectGraphDepth);
        try
        {
            inner.Serialize(ref writer, value, options);
        }
        finally
        {
            WritingDepth.Leave();
        }
    }

    public T Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => inner.Deserialize(ref reader, options);
}

internal static class WritingDepth
{
    [ThreadStatic]
    private static int _depth;

    public static void Enter(int depthMax)
    {
        if (++_depth > depthMax)
        {
            _depth--;
            throw new MessagePackSerializationException($"It nests more than {depthMax} objects deep, or contains itself.");
        }
    }

    public static void Leave() => _depth--;
}
