using System.Text.RegularExpressions;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Languages.Tests;

/// <summary>What the documents show in Python, JavaScript and TypeScript is run, and prints what they say.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] Documents = ["README.md", "docs/languages.md", "docs/from-python.md", "src/python/README.md", "src/node/README.md"];

    public static TheoryData<string, string, string, string> Examples =>
        [.. from document in Documents from example in ExamplesOf(document) select (document, example.Language, example.Code, example.Output)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_Run_PrintsWhatTheDocumentSays(string document, string language, string code, string expected)
    {
        using var broker = QueueBroker.StartProcess();
        var folder = Directory.CreateTempSubdirectory("queueipc-example-").FullName;
        try
        {
            var (exitCode, output, errors) = language == "python" ? RunPython(code, folder, broker) : RunNode(code, folder, broker, language);

            Assert.True(exitCode == 0, $"{document}: {errors}{output}");
            Assert.Equal(expected, output.ReplaceLineEndings("\n"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int ExitCode, string Output, string Errors) RunPython(string code, string folder, QueueBroker broker)
    {
        var program = Path.Combine(folder, "example.py");
        File.WriteAllText(program, code);
        return Languages.Run(Languages.Command(Languages.Python, broker.Endpoint, program), QueueIpc.Tests.Support.Times.Long);
    }

    private static (int ExitCode, string Output, string Errors) RunNode(string code, string folder, QueueBroker broker, string language)
    {
        var node = Languages.Node;
        Directory.CreateDirectory(Path.Combine(folder, "node_modules"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules", "queueipc"), Languages.NodeFolder);
        Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules", "@types"), Path.Combine(Languages.NodeFolder, "node_modules", "@types"));
        var source = Path.Combine(folder, language == "ts" ? "example.mts" : "example.mjs");
        File.WriteAllText(source, code);
        if (language == "ts")
        {
            // Its types are checked as well.
            var compiler = Path.Combine(Languages.NodeFolder, "node_modules", "typescript", "bin", "tsc");
            var command = Languages.Command(node, broker.Endpoint, compiler, "--strict", "--target", "es2022", "--module", "node16", source);
            command.WorkingDirectory = folder;
            var compiled = Languages.Run(command, TimeSpan.FromMinutes(1));
            Assert.True(compiled.ExitCode == 0, compiled.Output);
        }

        return Languages.Run(Languages.Command(node, broker.Endpoint, Path.Combine(folder, "example.mjs")), QueueIpc.Tests.Support.Times.Long);
    }

    /// <summary>Blocks that say what they print. The others are parts of a program.</summary>
    private static IEnumerable<(string Language, string Code, string Output)> ExamplesOf(string document) =>
        Blocks().Matches(Repository.Read(document)).Select(match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value));

    [GeneratedRegex(@"^```(python|js|ts)\n((?:(?!```).*\n)*?)```\n\n```text\n((?:(?!```).*\n)*?)```$", RegexOptions.Multiline)]
    private static partial Regex Blocks();
}
