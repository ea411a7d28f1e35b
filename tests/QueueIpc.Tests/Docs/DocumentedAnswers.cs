using System.Text.RegularExpressions;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Docs;

/// <summary>Which answers docs/protocol.md promises for each request.</summary>
internal static partial class DocumentedAnswers
{
    public static IReadOnlyDictionary<Op, HashSet<Op>> ByRequest { get; } = Row().Matches(Repository.Read("docs/protocol.md"))
        .ToDictionary(
            row => Enum.Parse<Op>(row.Groups["request"].Value),
            row => Name().Matches(row.Groups["answers"].Value).Select(name => Enum.Parse<Op>(name.Groups[1].Value)).ToHashSet());

    /// <summary>A row of the tables under "The requests, one by one": request, body, answers, notes.</summary>
    [GeneratedRegex(@"^\| `(?<request>\w+)`(?: \(\*\*v2\*\*\))? \| [^|]* \| (?<answers>[^|]*) \|[^|]*\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Name();
}
