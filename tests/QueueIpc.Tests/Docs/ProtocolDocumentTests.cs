using System.Globalization;
using System.Text.RegularExpressions;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;

namespace QueueIpc.Tests.Docs;

/// <summary>docs/protocol.md against the code.</summary>
public sealed partial class ProtocolDocumentTests
{
    private static readonly string Document = Repository.Read("docs/protocol.md");

    private static readonly IReadOnlyList<FrameExample> Examples = FrameExample.ReadAll(Document);

    [Fact]
    public void Examples_Encoded_AreTheBytesInTheDocument()
    {
        Assert.All(Examples, example => Assert.Equal(example.Hex, Convert.ToHexString(example.Encode().ToBytes())));
    }

    [Fact]
    public void Examples_Decoded_AreTheFieldsInTheDocument()
    {
        Assert.All(Examples, example =>
        {
            var frame = Assert.Single(WireFrame.ReadAll(example.Bytes));
            Assert.Equal((example.Op, example.Flags, example.Queue, example.Request), (frame.Op, frame.Flags, frame.Queue, frame.Request));
            Assert.Equal(example.Values.Select(value => value.Text), example.Decode(frame.Body));
        });
    }

    [Fact]
    public void Examples_AllTogether_ShowEveryOperation()
    {
        Assert.Equal(Enum.GetValues<Op>(), Examples.Select(example => example.Op).Distinct().Order());
    }

    [Fact]
    public void Examples_SaidToABroker_AreAnsweredAsInTheDocument()
    {
        using var broker = new SessionBroker();
        var client = broker.Connect();
        var answers = new Queue<WireFrame>();
        foreach (var example in Examples)
        {
            if (!example.IsFromClient)
            {
                Assert.True(answers.TryDequeue(out var answer), $"The broker did not say what the document has: {example}");
                AssertSame(example, answer);
                continue;
            }

            Assert.True(answers.Count == 0, $"Before '{example}' the document lacks: {string.Join(", ", answers)}");
            client = example.IsOnNewConnection ? broker.Connect() : client;
            client.Send(example.Bytes);
            answers = new Queue<WireFrame>(client.Take());
        }

        Assert.Empty(answers);
    }

    [Fact]
    public void Operations_OfTheDocument_AreThoseOfTheCode()
    {
        Assert.Equal(
            Enum.GetValues<Op>().Select(op => ((int)op, op.ToString())),
            NumbersIn("Operations"));
    }

    [Fact]
    public void ErrorCodes_OfTheDocument_AreThoseOfTheCode()
    {
        Assert.Equal(
            Enum.GetValues<ErrorCode>().Select(code => ((int)code, code.ToString())),
            NumbersIn("Error codes"));
    }

    [Fact]
    public void Limits_OfTheDocument_AreThoseOfTheCode()
    {
        var inCode = typeof(ProtocolLimits).GetFields()
            .Select(field => (field.Name, Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)));

        var inDocument = LimitRow().Matches(Section("Limits"))
            .Select(row => (row.Groups[1].Value, long.Parse(row.Groups[2].Value, CultureInfo.InvariantCulture)));

        Assert.Equal(inCode.Order(), inDocument.Order());
    }

    private static void AssertSame(FrameExample example, WireFrame answer)
    {
        Assert.Equal((example.Op, example.Flags, example.Queue, example.Request), (answer.Op, answer.Flags, answer.Queue, answer.Request));
        var said = example.Decode(answer.Body);
        for (var i = 0; i < said.Count; i++)
        {
            if (!example.Values[i].Varies)
            {
                Assert.Equal(example.Values[i].Text, said[i]);
            }
        }
    }

    private static IEnumerable<(int Number, string Name)> NumbersIn(string section) =>
        NumberRow().Matches(Section(section)).Select(row => (int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture), row.Groups[2].Value));

    private static string Section(string title)
    {
        var start = Document.IndexOf($"\n## {title}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"The document has no section '{title}'.");
        var end = Document.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return end < 0 ? Document[start..] : Document[start..end];
    }

    [GeneratedRegex(@"^\| (\d+) \| `(\w+)`(?: \(\*\*v2\*\*\))? \|", RegexOptions.Multiline)]
    private static partial Regex NumberRow();

    [GeneratedRegex(@"^\| `(\w+)` \| (-?\d+) \|", RegexOptions.Multiline)]
    private static partial Regex LimitRow();
}
