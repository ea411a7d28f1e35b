using System.Text.RegularExpressions;

namespace QueueIpc.Tests.Docs;

/// <summary>C# in a document, and what the block of text behind it says that it prints.</summary>
internal sealed partial record Snippet(string Document, string Code, string Output)
{
    public static IReadOnlyList<Snippet> In(string document) =>
    [
        .. Block().Matches(File.ReadAllText(document).ReplaceLineEndings("\n"))
            .Select(match => new Snippet(document, match.Groups["code"].Value, match.Groups["output"].Value)),
    ];

    public IEnumerable<string> Usings => Using().Matches(Code).Select(match => match.Value.Trim());

    /// <summary>The same as a class with a method Run; types stand behind the statements, as everywhere in C#.</summary>
    public string AsClass(string name)
    {
        var code = Using().Replace(Code, string.Empty);
        var typesAt = TypeDeclaration().Match(code) is { Success: true } type ? type.Index : code.Length;
        return $$"""
            static class {{name}}
            {
                public static async Task Run()
                {
            {{code[..typesAt]}}
                }

            {{code[typesAt..]}}
            }

            """;
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$(?:\n(?:\n[^`\n][^\n]*\n)?\n```text\n(?<output>.*?)^```$)?", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^using [\w.]+;\n", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^(?:public |internal |sealed |abstract |readonly )*(?:record|class|struct|enum|interface) ", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();
}
