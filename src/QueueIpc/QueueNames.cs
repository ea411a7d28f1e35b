using QueueIpc.Protocol;

namespace QueueIpc;

internal static class QueueNames
{
    /// <summary>A name for a queue that was given none.</summary>
    public static string NewUnnamed() => $"~{Guid.NewGuid():N}";

    /// <summary>Whether a queue was created unnamed. Such a one is made by its owner alone, and is never opened anew once it is gone.</summary>
    public static bool IsUnnamed(string name) => name.StartsWith('~') && Guid.TryParseExact(name.AsSpan(1), "N", out _);

    /// <summary>Refuses what is no queue's name, before anything is sent.</summary>
    public static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Problem(name) is { } problem)
        {
            throw new ArgumentException(problem, nameof(name));
        }
    }

    /// <summary>Refuses what is no label for an unnamed queue.</summary>
    public static void CheckLabel(string label)
    {
        ArgumentNullException.ThrowIfNull(label);
        if (Problem(label, "label") is { } problem)
        {
            throw new ArgumentException(problem, nameof(label));
        }
    }

    /// <summary>What is wrong with a queue's name, or its label, or null. The same rule at both ends.</summary>
    public static string? Problem(string name, string what = "name") =>
        name.Length == 0 ? $"A queue's {what} must not be empty."
        : name.Length > ProtocolLimits.NameCharsMax ? $"A queue's {what} may have {ProtocolLimits.NameCharsMax} characters; this one has {name.Length}: '{name[..32]}…'."
        : FirstControl(name) is var at and >= 0 ? $"A queue's {what} must not contain control characters; this one has one at position {at}."
        : HasLoneSurrogate(name) ? $"A queue's {what} must be valid Unicode; this one has half of a surrogate pair."
        : null;

    private static int FirstControl(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Two names that differ in such a half alone would be the same once they have travelled.</summary>
    private static bool HasLoneSurrogate(string name)
    {
        for (var rest = name.AsSpan(); !rest.IsEmpty;)
        {
            if (System.Text.Rune.DecodeFromUtf16(rest, out _, out var chars) != System.Buffers.OperationStatus.Done)
            {
                return true;
            }

            rest = rest[chars..];
        }

        return false;
    }
}
