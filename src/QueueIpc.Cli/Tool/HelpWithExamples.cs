using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace QueueIpc.Cli.Tool;

/// <summary>The usual help, with the commands in our own words, and below it how the command is used.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    private const int LineCharsMax = 76;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        using var help = new StringWriter();
        parseResult.InvocationConfiguration.Output = help;
        var code = usual.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;

        // The usual list of commands takes arguments that may be left out for such that may not.
        output.Write(help.ToString().Split("Commands:")[0]);
        var command = parseResult.CommandResult.Command;
        Write(output, "Commands:", [.. ListOf([.. command.Subcommands])]);
        if (command is ToolCommand tool)
        {
            Write(output, "Details:", Wrap(tool.Details, LineCharsMax));
            Write(output, "Example:", tool.Examples.Split('\n'));
        }

        return code;
    }

    private static IEnumerable<string> ListOf(Command[] commands)
    {
        var names = commands.Select(command => string.Join(' ', [command.Name, .. command.Arguments.Select(NameOf)])).ToArray();
        var width = names.Select(name => name.Length).DefaultIfEmpty().Max() + 2;
        return commands.Zip(names).SelectMany(row =>
            Wrap(row.First.Description!, LineCharsMax - width).Select((line, number) => (number == 0 ? row.Second : string.Empty).PadRight(width) + line));
    }

    private static string NameOf(Argument argument) => argument.Arity switch
    {
        { MinimumNumberOfValues: > 0 } => $"<{argument.Name}>",
        { MaximumNumberOfValues: 1 } => $"[<{argument.Name}>]",
        _ => $"[<{argument.Name}>...]",
    };

    private static List<string> Wrap(string text, int chars)
    {
        var lines = new List<string>();
        foreach (var word in text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && lines[^1].Length + word.Length < chars)
            {
                lines[^1] += $" {word}";
            }
            else
            {
                lines.Add(word);
            }
        }

        return lines;
    }

    private static void Write(TextWriter output, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        output.WriteLine(title);
        foreach (var line in lines)
        {
            output.WriteLine($"  {line}");
        }

        output.WriteLine();
    }
}
