using QueueIpc.Protocol;

namespace QueueIpc;

internal static class QueueNames
{
    /// <summary>Refuses what is no queue's name, before anything is sent.</summary>
    public static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Problem(name) is { } problem)
        {
            throw new ArgumentException(problem, nameof(name));
        }
    }

    /// <summary>What is wrong with a queue's name, or null. The same rule at both ends.</summary>
    public static string? Problem(string name) =>
        name.Length == 0 ? "A queue's name must not be empty."
        : name.Length > ProtocolLimits.NameCharsMax ? $"A queue's name may have {ProtocolLimits.NameCharsMax} characters; this one has {name.Length}: '{name[..32]}…'."
        : name.Any(char.IsControl) ? $"A queue's name must not contain control characters; this one has one at position {name.TakeWhile(c => !char.IsControl(c)).Count()}."
        : null;
}
