using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using QueueIpc.Cli.Output;

namespace QueueIpc.Cli.Tool;

/// <summary>The command line, or the input, is not what the command takes.</summary>
internal sealed class UsageException(string message) : ToolException(message, ExitCode.Usage);

/// <summary>From an exception to words and an exit code: the only place that does so.</summary>
internal static partial class Failures
{
    public static int Report(Exception error, bool json)
    {
        var code = CodeOf(error);
        if (error is not OperationCanceledException)
        {
            Say(WordsOf(error), code, json);
        }

        return code;
    }

    public static void Say(string message, int code, bool json) => Console.Error.WriteLine(json ? InJson(message, code) : $"queueipc: {Escapes.In(message)}");

    private static string InJson(string message, int code) =>
        $$"""{"error":"{{JsonEncodedText.Encode(message, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}}","exitCode":{{code}}}""";

    /// <summary>The same failure, with more words around its own.</summary>
    public static ToolException WithMore(Exception error, string words, string before = "") => new($"{before}{WordsOf(error)}{words}", CodeOf(error));

    /// <summary>Whether it is one of the failures that are expected; a bug of ours keeps its stack.</summary>
    public static bool IsExpected(Exception error) =>
        error is ToolException or OperationCanceledException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or NotSupportedException or TimeoutException;

    /// <summary>What the library tells programmers, without what only they have a use for.</summary>
    private static string WordsOf(Exception error) => error switch
    {
        OperationCanceledException => "interrupted.",
        ItemTooLargeException => OptionName().Replace(error.Message, string.Empty),
        ArgumentException { ParamName: { } name } => error.Message.Replace($" (Parameter '{name}')", string.Empty, StringComparison.Ordinal),
        BrokerUnavailableException => NameOfCall().Replace(error.Message, "$1"),
        _ => error.Message,
    };

    [GeneratedRegex(@" \(Queue\w+\.\w+\)|Queue\w+\.\w+ (?=\d)")]
    private static partial Regex OptionName();

    /// <summary>Around what happened: which method of which queue, and that it is to be opened anew.</summary>
    [GeneratedRegex(@"^\w+(?: on queue '.*')? (?:has no answer|was not sent): (.*) (?:Open the queue|Connect) anew (?:at|to) '.*' once a broker is there\.$")]
    private static partial Regex NameOfCall();

    private static int CodeOf(Exception error) => error switch
    {
        ToolException tool => tool.Code,
        OperationCanceledException => ExitCode.Interrupted,
        BrokerUnavailableException or UnauthorizedAccessException => ExitCode.NoBroker,
        ArgumentException => ExitCode.Usage,
        _ => ExitCode.Failed,
    };
}
