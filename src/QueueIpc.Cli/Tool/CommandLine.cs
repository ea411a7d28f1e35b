using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using QueueIpc.Cli.Commands;

namespace QueueIpc.Cli.Tool;

/// <summary>All commands, and what is common to them.</summary>
internal static class CommandLine
{
    public static readonly Option<string?> Broker = new("--broker", "-b")
    {
        Description = $"The broker's name or endpoint. Without it: ${QueueClient.EndpointVariable}, or else the broker '{BrokerChoice.DefaultName}'.",
        HelpName = "name",
        Recursive = true,
        Validators = { NotEmpty },
    };

    public static readonly Option<bool> Json = new("--json") { Description = "Answer in JSON.", Recursive = true };

    public static async Task<int> RunAsync(string[] args)
    {
        // No response files: an item may begin with @.
        var parsed = Create().Parse(WithoutHelpCommand(args), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction || parsed.Action == parsed.CommandResult.Command.Action)
        {
            string[] errors = UnknownOption(parsed) is { } option ? [option] : UnknownCommand(parsed) is { } command ? [command] : [.. parsed.Errors.Select(WordsOf)];
            if (errors.Length > 0)
            {
                return Refuse(parsed, errors);
            }
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>'queueipc help get' is 'queueipc get --help'.</summary>
    private static string[] WithoutHelpCommand(string[] args) => args is ["help", .. var of] ? [.. of, "--help"] : args;

    private static Command Create()
    {
        // A RootCommand would have the name of the file that runs.
        var help = new HelpOption();
        var helper = new HelpWithExamples((HelpAction)help.Action!);
        help.Action = helper;
        var root = new Command("queueipc", "Looks at, fills, empties and watches the queues of QueueIpc brokers.")
        {
            ServeCommand.Create(),
            LsCommand.Create(),
            InfoCommand.Create(),
            TopCommand.Create(),
            DashboardCommand.Create(),
            PutCommand.Create(),
            GetCommand.Create(),
            PeekCommand.Create(),
            QueueCommands.Clear(),
            QueueCommands.Complete(),
            QueueCommands.Remove(),
            DeadCommand.Create(),
            DataCommand.Create(),
            WorkCommand.Create(),
            CreateCommand.Create(),
            SetCommand.Create(),
            ConnsCommand.Create(),
            PingCommand.Create(),
            CheckCommand.Create(),
            BenchCommand.Create(),
            DoctorCommand.Create(),
            Broker,
            Json,
            help,
            new VersionOption(),
        };
        foreach (var group in root.Subcommands.Append(root).Where(command => command.Subcommands.Count > 0))
        {
            group.SetAction(parsed =>
            {
                helper.Invoke(parsed);
                return ExitCode.Usage;
            });
        }

        return root;
    }

    private static void NotEmpty(OptionResult result)
    {
        if (result.Tokens is [{ Value: "" }])
        {
            result.AddError("--broker is a broker's name or endpoint, and not empty.");
        }
    }

    /// <summary>The parser takes an option that it does not know for an argument, and so for a queue or an item.</summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        var beforeDashes = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToHashSet(ReferenceEqualityComparer.Instance);
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens)
            .FirstOrDefault(token => token.Value is ['-', _, ..] && beforeDashes.Contains(token)) is { } word
            ? NearestOption(parsed.CommandResult.Command, word.Value) is { } near
                ? $"'{word.Value}' is no option of this command. Did you mean '{near}'?"
                : $"'{word.Value}' is no option of this command. Say -- before a word that begins with a dash and is no option."
            : null;
    }

    private static string? NearestOption(Command command, string word) => word is not ['-', '-', _, _, ..] ? null
        : Spelling.NearestOf(word.Split('=')[0], [.. command.Options.Select(option => option.Name), Broker.Name, Json.Name]);

    /// <summary>A word in a place where only the name of a command can stand.</summary>
    private static string? UnknownCommand(ParseResult parsed)
    {
        var group = parsed.CommandResult.Command;
        return group.Subcommands.Count == 0 || parsed.UnmatchedTokens is not [var word, ..] ? null
            : Spelling.NearestOf(word, group.Subcommands.Select(command => command.Name)) is { } near
            ? $"there is no command '{word}'. Did you mean '{near}'?"
            : $"there is no command '{word}'.";
    }

    /// <summary>What the parser says of arguments that are missing, or too many, in the words of this tool.</summary>
    private static string WordsOf(ParseError error) => error.SymbolResult switch
    {
        ArgumentResult { Argument: var argument, Parent: CommandResult { Command: var command } } when error.Message.StartsWith("Required argument", StringComparison.Ordinal) =>
            $"'{command.Name}' needs <{argument.Name}>.",
        CommandResult { Command: var command } when error.Message.StartsWith("Unrecognized command or argument", StringComparison.Ordinal) =>
            error.Message["Unrecognized command or argument ".Length..] is var word && NearestOption(command, word.Trim('\'', '.')) is { } near
                ? $"{word.TrimEnd('.')} is no option of this command. Did you mean '{near}'?"
                : $"'{command.Name}' has no use for {word}",
        _ => error.Message,
    };

    private static int Refuse(ParseResult parsed, string[] errors)
    {
        var json = parsed.GetValue(Json);
        foreach (var error in errors)
        {
            Failures.Say(error, ExitCode.Usage, json);
        }

        if (!json)
        {
            Console.Error.WriteLine($"Try: {NameOf(parsed.CommandResult.Command)} --help");
        }

        return ExitCode.Usage;
    }

    /// <summary>With the commands that it is one of: 'queueipc dead ls'.</summary>
    private static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{NameOf(parent)} {command.Name}" : command.Name;
}
