using System.Globalization;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Languages.Tests.Items;

/// <summary>What an item becomes in another language: the tables of docs/items.md, each row run through a broker.</summary>
public sealed class ItemTableTests
{
    private const string PythonProgram = "tests/conformance/items.py";
    private const string NodeProgram = "tests/conformance/items.mjs";

    [Fact]
    public void ValuesOfDotnet_ThroughPythonAndNode_AreWhatTheDocumentSays()
    {
        using var stage = new TableStage();
        AssertDocumented(ItemRows.All.Select(row =>
        {
            var (python, node) = (row.Exchange(stage.Client, stage.Python), row.Exchange(stage.Client, stage.Node));
            return Row(row.Name, Told(python.Plain, python.PlainIsEqual), With(row.PythonType, "Any", python), Told(node.Plain, node.PlainIsEqual), With(Call(row), "value", node));
        }));
    }

    [Fact]
    public void ValuesOfPython_InDotnet_AreWhatTheDocumentSays()
    {
        using var stage = new TableStage();
        AssertDocumented(ForeignRows.Python.Select(row => Row($"`{row.Value}`", $"`{row.TypeName}`", row.Outcome(stage.Client, stage.Python))));
    }

    [Fact]
    public void ValuesOfNode_InDotnet_AreWhatTheDocumentSays()
    {
        using var stage = new TableStage();
        AssertDocumented(ForeignRows.Node.Select(row => Row($"`{row.Value}`", $"`{row.TypeName}`", row.Outcome(stage.Client, stage.Node))));
    }

    private static void AssertDocumented(IEnumerable<string> rows)
    {
        var lines = string.Join('\n', rows);
        Assert.True(Repository.Read("docs/items.md").Contains(lines, StringComparison.Ordinal), "docs/items.md should have these rows:\n" + lines);
    }

    private static string Row(params string[] cells) => string.Create(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells)} |").Replace("|  |", "| |", StringComparison.Ordinal);

    /// <summary>What is not equal when it comes back is marked.</summary>
    private static string Told(string value, bool isEqual) => $"`{value}`{(isEqual ? string.Empty : " ≠")}";

    private static string With(string how, string none, Seen seen) => how == none ? string.Empty : $"`{how}`: {Told(seen.Converted, seen.ConvertedIsEqual)}";

    private static string Call(ItemRow row) => row.NodeRead == "value" && row.NodeWrite != "value" ? row.NodeWrite : row.NodeRead;

    private sealed class TableStage : IDisposable
    {
        private readonly QueueBroker _broker = QueueBroker.StartProcess();
        private Speaker? _python;
        private Speaker? _node;

        public TableStage() => Client = QueueClient.Connect(_broker.Endpoint);

        public QueueClient Client { get; }

        public Speaker Python => _python ??= new Speaker(Languages.Command(Languages.Python, _broker.Endpoint, Repository.PathOf(PythonProgram)));

        public Speaker Node => _node ??= new Speaker(Languages.Command(Languages.Node, _broker.Endpoint, Repository.PathOf(NodeProgram)));

        public void Dispose()
        {
            _python?.Dispose();
            _node?.Dispose();
            Client.Dispose();
            _broker.Dispose();
        }
    }
}
