using System.Text;

namespace QueueIpc;

/// <summary>What a worker process threw and did not catch.</summary>
/// <param name="Type">The exception's type, with its namespace.</param>
/// <param name="Message">The exception's message.</param>
/// <param name="Stack">The exception in full: message, inner exceptions, and where in the worker it happened.</param>
public sealed record WorkerFailure(string Type, string Message, string Stack)
{
    private const int MaxChars = 100_000;

    internal static WorkerFailure Of(Exception e) => new(e.GetType().FullName ?? e.GetType().Name, Words(() => e.Message), Words(e.ToString));

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

    /// <summary>An exception's words are code of its author: they may be endless, and may throw themselves.</summary>
    private static string Words(Func<string> say)
    {
        try
        {
            var words = say() ?? string.Empty;
            return words.Length <= MaxChars ? words : words[..MaxChars];
        }
        catch (Exception e)
        {
            return $"(its text cannot be had: {e.GetType()})";
        }
    }
}
