using System.Text.RegularExpressions;

namespace QueueIpc.Tests.Docs;

/// <summary>The tests of all projects, as they are written: what a document names is there.</summary>
internal static partial class TestCode
{
    private static readonly string Text = string.Join('\n', Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

    public static IReadOnlySet<string> Methods { get; } = Names(Method());

    public static IReadOnlySet<string> Classes { get; } = Names(Class());

    private static HashSet<string> Names(Regex names) => [.. names.Matches(Text).Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"\n    public (?:async Task|void) (\w+)\(")]
    private static partial Regex Method();

    [GeneratedRegex(@"\n(?:public|internal) [\w ]*class (\w+Tests)\b")]
    private static partial Regex Class();
}
