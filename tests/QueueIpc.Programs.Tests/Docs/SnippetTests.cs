using System.Text;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Docs;

/// <summary>All C# in the documents is compiled and run, and prints what the block of text behind it says.</summary>
public sealed class SnippetTests
{
    [Fact]
    public async Task Documents_EverySnippet_RunsAndPrintsWhatItSays()
    {
        var snippets = Repository.Documents.SelectMany(Snippet.In).ToArray();
        using var programs = new OutsideProject(AsOneProgram(snippets), OutsideProject.LibraryItems);
        programs.Build();

        // A few at a time: most of a snippet's time is that of processes starting.
        using var places = new SemaphoreSlim(3);
        var printed = await Task.WhenAll(snippets.Select(async (_, i) =>
        {
            await places.WaitAsync();
            try
            {
                return await Run.OnThread(() => programs.RunBuilt($"{i}"));
            }
            finally
            {
                places.Release();
            }
        }));

        Assert.All(snippets.Zip(printed), pair => Assert.True(pair.First.Output == pair.Second, $"{pair.First.Document} has:\n{pair.First.Code}\nIt does not print what is said there, but:\n{pair.Second}"));
    }

    /// <summary>Each snippet becomes a class; which of them runs is the program's argument.</summary>
    private static string AsOneProgram(Snippet[] snippets)
    {
        var program = new StringBuilder();
        program.AppendJoin('\n', snippets.SelectMany(snippet => snippet.Usings).Distinct()).AppendLine().AppendLine("switch (args[0])").AppendLine("{");
        for (var i = 0; i < snippets.Length; i++)
        {
            program.AppendLine($"case \"{i}\": await Snippet{i}.Run(); break;");
        }

        program.AppendLine("}");
        for (var i = 0; i < snippets.Length; i++)
        {
            program.Append(snippets[i].AsClass($"Snippet{i}"));
        }

        return program.ToString();
    }
}
