using QueueIpc.Tests.Docs;

namespace QueueIpc.Languages.Tests;

/// <summary>The Python client's own tests, each file of them on a broker in a process of its own.</summary>
public sealed class PythonTests
{
    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Repository.PathOf("src/python/tests"), "test_*.py").Select(file => Path.GetFileName(file)!).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Tests_OfOneFile_Pass(string file)
    {
        var python = Languages.Python;
        using var broker = QueueBroker.StartProcess();
        var command = Languages.Command(python, broker.Endpoint, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", Path.Combine("tests", file));
        command.WorkingDirectory = Languages.PythonFolder;

        var (exitCode, output, errors) = Languages.Run(command, TimeSpan.FromMinutes(2));

        Assert.True(exitCode == 0, output + errors);
        Assert.SkipWhen(output.Contains("skipped", StringComparison.Ordinal), output);
    }
}
