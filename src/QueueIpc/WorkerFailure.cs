using System.Text;

namespace QueueIpc;

/// <summary>What a worker process threw and did not catch; or any exception as it can travel: as an item, or in one.</summary>
/// <param name="Type">The exception's type, with its namespace.</param>
/// <param name="Message">The exception's message.</param>
/// <param name="Stack">The exception in full: message, inner exceptions, and where in the worker it happened.</param>
public sealed record WorkerFailure(string Type, string Message, string Stack)
{
    private const int MaxChars = 100_000;
    private const int MaxInner = 10;

    /// <summary>The exception inside of it, if it has one. At most ten are kept, one in the other; <see cref="Stack"/> has the text of all.</summary>
    public WorkerFailure? Inner { get; init; }

    /// <summary>An exception as it can be put into a queue: its type, message and stack as text, and the same of those inside of it. Texts longer than 100,000 characters are cut.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>What is known of it.</returns>
    public static WorkerFailure From(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return From(exception, MaxInner);
    }

    internal static WorkerFailure FromBytes(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes), Encoding.Unicode);
        return Read(from, MaxInner);
    }

    internal byte[] ToBytes()
    {
        var bytes = new MemoryStream();
        using (var to = new BinaryWriter(bytes, Encoding.Unicode))
        {
            for (var failure = this; failure is not null; failure = failure.Inner)
            {
                to.Write(failure.Type);
                to.Write(failure.Message);
                to.Write(failure.Stack);
                to.Write(failure.Inner is not null);
            }
        }

        return bytes.ToArray();
    }

    private static WorkerFailure From(Exception e, int inner) => new(e.GetType().FullName ?? e.GetType().Name, Words(() => e.Message), Words(e.ToString))
    {
        Inner = e.InnerException is { } inside && inner > 0 ? From(inside, inner - 1) : null,
    };

    private static WorkerFailure Read(BinaryReader from, int inner) => new(from.ReadString(), from.ReadString(), from.ReadString())
    {
        Inner = from.ReadBoolean() && inner > 0 ? Read(from, inner - 1) : null,
    };

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
