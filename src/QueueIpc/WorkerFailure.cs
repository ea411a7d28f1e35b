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

    /// <summary>The exception inside of it, if it has one; the first, if it has several. At most ten are kept in all; <see cref="Stack"/> has the text of every one.</summary>
    public WorkerFailure? Inner { get; init; }

    /// <summary>The exceptions inside of it behind <see cref="Inner"/>: an <see cref="AggregateException"/> has as many as there were failures. Empty for others.</summary>
    public IReadOnlyList<WorkerFailure> MoreInner { get; init => field = value ?? []; } = [];

    /// <summary>An exception as it can be put into a queue: its type, message and stack as text, and the same of those inside of it, all those of an <see cref="AggregateException"/> among them. Texts longer than 100,000 characters are cut.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>What is known of it.</returns>
    public static WorkerFailure From(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return From(exception, MaxInner);
    }

    /// <summary>Equal when all that is known of them is.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>Whether it is.</returns>
    public bool Equals(WorkerFailure? other) => other is not null && (Type, Message, Stack) == (other.Type, other.Message, other.Stack) && Equals(Inner, other.Inner) && MoreInner.SequenceEqual(other.MoreInner);

    /// <summary>The same for equal ones.</summary>
    /// <returns>A number.</returns>
    public override int GetHashCode() => HashCode.Combine(Type, Message, Stack, Inner, MoreInner.Count);

    internal static WorkerFailure FromBytes(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes), Encoding.Unicode);
        var failure = Read(from, MaxInner);
        return from.BaseStream.Position < from.BaseStream.Length ? ReadMore(failure, from, MaxInner) : failure;
    }

    /// <summary>One inside the other first, as a program of before reads it; behind them what more each has.</summary>
    internal byte[] ToBytes()
    {
        var bytes = new MemoryStream();
        using (var to = new BinaryWriter(bytes, Encoding.Unicode))
        {
            Write(to);
        }

        return bytes.ToArray();
    }

    private static WorkerFailure From(Exception e, int inner)
    {
        Exception[] inside = e is AggregateException several ? [.. several.InnerExceptions] : e.InnerException is { } one ? [one] : [];
        var kept = Math.Min(inside.Length, inner);
        var known = inside.Take(kept).Select(each => From(each, (inner - kept) / kept)).ToList();
        return new(e.GetType().FullName ?? e.GetType().Name, Words(() => e.Message), Words(e.ToString)) { Inner = known.FirstOrDefault(), MoreInner = known.Count > 1 ? known[1..] : [] };
    }

    private static WorkerFailure Read(BinaryReader from, int inner) => new(from.ReadString(), from.ReadString(), from.ReadString())
    {
        Inner = from.ReadBoolean() && inner > 0 ? Read(from, inner - 1) : null,
    };

    private static WorkerFailure ReadMore(WorkerFailure failure, BinaryReader from, int inner)
    {
        if (inner < 0)
        {
            return failure;
        }

        var more = new WorkerFailure[Math.Min((int)from.ReadByte(), MaxInner)];
        for (var at = 0; at < more.Length; at++)
        {
            more[at] = ReadMore(Read(from, inner), from, inner - 1);
        }

        return failure with { MoreInner = more, Inner = failure.Inner is { } first ? ReadMore(first, from, inner - 1) : null };
    }

    private void Write(BinaryWriter to)
    {
        for (var failure = this; failure is not null; failure = failure.Inner)
        {
            to.Write(failure.Type);
            to.Write(failure.Message);
            to.Write(failure.Stack);
            to.Write(failure.Inner is not null);
        }

        WriteMore(to);
    }

    private void WriteMore(BinaryWriter to)
    {
        to.Write((byte)MoreInner.Count);
        foreach (var more in MoreInner)
        {
            more.Write(to);
        }

        Inner?.WriteMore(to);
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
