using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Hosting.Tests.Observability;

public sealed partial class LogEventTests
{
    [Fact]
    public void Events_All_HaveANumberOfTheirOwnAndAreInTheDocumentWithTheirLevel()
    {
        var documented = EventRow().Matches(Repository.Read("docs/operations.md")).Select(row => $"{row.Groups["id"].Value} {row.Groups["level"].Value}");

        Assert.Equal([.. EventsOf(typeof(QueueBroker)), .. EventsOf(typeof(QueueIpcServices)), .. EventsOf(typeof(SqliteStorage))], documented);
    }

    private static IEnumerable<string> EventsOf(Type one) =>
        one.Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .OrderBy(message => message.EventId)
            .Select(message => $"{message.EventId} {message.Level}");

    [GeneratedRegex("^\\| (?<id>\\d+) \\| (?<level>[A-Z][a-z]+) \\|", RegexOptions.Multiline)]
    private static partial Regex EventRow();
}
