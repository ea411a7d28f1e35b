using System.Text;
using System.Text.RegularExpressions;

namespace QueueIpc.Tests.Docs;

/// <summary>All C# in README.md and docs/ is compiled and run, and prints what the block of text behind it says.</summary>
public sealed partial class SnippetTests
{
    [Fact]
    public void Readme_ShortestProgram_RunsAsItStands()
    {
        var (code, output) = SnippetsIn(Repository.PathOf("README.md"))[0];
        using var program = new SnippetProject(code);

        Assert.Contains("数据 4", output);
        Assert.Equal(output, program.Run());
    }

    [Fact]
    public void Documents_EverySnippet_RunsAndPrintsWhatItSays()
    {
        var snippets = Repository.Documents.SelectMany(SnippetsIn).ToArray();
        using var programs = new SnippetProject(AsOneProgram(snippets));

        for (var i = 0; i < snippets.Length; i++)
        {
            Assert.Equal(snippets[i].Output ?? string.Empty, programs.Run($"{i}"));
        }
    }

    private static List<(string Code, string? Output)> SnippetsIn(string document) =>
    [
        .. Block().Matches(File.ReadAllText(document).ReplaceLineEndings("\n"))
            .Select(match => (match.Groups["code"].Value, match.Groups["output"].Success ? match.Groups["output"].Value : null)),
    ];

    /// <summary>Each snippet becomes a method; which of them runs is the program's argument.</summary>
    private static string AsOneProgram((string Code, string? Output)[] snippets)
    {
        var usings = snippets.SelectMany(snippet => Using().Matches(snippet.Code)).Select(match => match.Value.Trim()).Distinct();
        var program = new StringBuilder();
        program.AppendJoin('\n', usings).AppendLine().AppendLine("switch (args[0])").AppendLine("{");
        for (var i = 0; i < snippets.Length; i++)
        {
            program.AppendLine($"case \"{i}\": await Snippet{i}.Run(); break;");
        }

        program.AppendLine("}");
        for (var i = 0; i < snippets.Length; i++)
        {
            program.AppendLine($"static class Snippet{i} {{ public static async Task Run() {{").AppendLine(Using().Replace(snippets[i].Code, string.Empty)).AppendLine("} }");
        }

        return program.ToString();
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$(?:\n(?:\n[^`\n][^\n]*\n)?\n```text\n(?<output>.*?)^```$)?", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^using [\w.]+;\n", RegexOptions.Multiline)]
    private static partial Regex Using();
}
