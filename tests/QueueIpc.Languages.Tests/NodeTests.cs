using QueueIpc.Tests.Docs;

namespace QueueIpc.Languages.Tests;

/// <summary>The Node client's own tests, each file of them on a broker in a process of its own.</summary>
public sealed class NodeTests
{
    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Repository.PathOf("src/node/tests"), "*.test.mjs").Select(file => Path.GetFileName(file)!).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Tests_OfOneFile_Pass(string file)
    {
        var node = Languages.Node;
        using var broker = QueueBroker.StartProcess();
        var command = Languages.Command(node, broker.Endpoint, "--test", Path.Combine("tests", file));
        command.WorkingDirectory = Languages.NodeFolder;

        var (exitCode, output, errors) = Languages.Run(command, TimeSpan.FromMinutes(2));

        Assert.True(exitCode == 0, output + errors);
    }
}
