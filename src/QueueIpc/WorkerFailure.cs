using System.Text;

namespace QueueIpc;

/// <summary>What a worker process threw and did not catch.</summary>
/// <param name="Type">The exception's type, with its namespace.</param>
/// <param name="Message">The exception's message.</param>
/// <param name="Stack">The exception in full: message, inner exceptions, and where in the worker it happened.</param>
public sealed record WorkerFailure(string Type, string Message, string Stack)
{
    internal static WorkerFailure Of(Exception e) => new(e.GetType().FullName ?? e.GetType().Name, e.Message, e.ToString());

    internal static WorkerFailure FromBytes(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes), Encoding.Unicode);
        return new WorkerFailure(from.ReadString(), from.ReadString(), from.ReadString());
    }

    internal byte[] ToBytes()
    {
        var bytes = new MemoryStream();
        using (var to = new BinaryWriter(bytes, Encoding.Unicode))
        {
            to.Write(Type);
            to.Write(Message);
            to.Write(Stack);
        }

        return bytes.ToArray();
    }
}
