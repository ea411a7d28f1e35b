using System.Buffers;
using System.Diagnostics;

namespace QueueIpc.Cli.Tool;

/// <summary>The tool sees items as bytes, which are never serialised. So the library's serialiser need not be made ready.</summary>
internal sealed class NoSerializer : IQueueSerializer
{
    public static NoSerializer Instance { get; } = new();

    public void Serialize<T>(IBufferWriter<byte> writer, T item) => throw new UnreachableException();

    public T Deserialize<T>(ReadOnlyMemory<byte> bytes) => throw new UnreachableException();
}
