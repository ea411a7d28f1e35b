using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

/// <summary>The tool between other programs, as a shell connects them.</summary>
public sealed class PipelineTests : ToolTest
{
    [UnixFact]
    public void Pipeline_HundredThousandLinesInAndOut_AllOfThemOnce()
    {
        var shell = Tool.Shell("seq 1 100000 | $queueipc put jobs && $queueipc get jobs --count 100000 | sort -n | uniq | wc -l");

        Assert.Equal((0, "100000", string.Empty), (shell.ExitCode, shell.Output.Trim(), shell.Errors));
        Assert.True(Open<string>().IsEmpty);
    }

    [UnixTheory]
    [InlineData(10)]
    [InlineData(500)]
    public void Pipeline_ReaderThatWantsAFew_LosesNothingThatItDidNotPrint(int wanted)
    {
        var shell = Tool.Shell($"seq 1 1000 | $queueipc put jobs; $queueipc get jobs --follow | head -n {wanted}; echo ${{PIPESTATUS[0]}}");

        using var queue = Open<string>();
        Assert.Equal([.. Enumerable.Range(1, wanted).Select(number => $"{number}"), "0"], shell.Lines);
        Assert.Empty(shell.Errors);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(Enumerable.Range(wanted + 1, 1000 - wanted).Select(number => $"{number}"), queue.GetMany(1000, TimeSpan.Zero));
        }
    }

    [UnixFact]
    public void Pipeline_ReaderThatEndsInTheMiddleOfMany_LosesOnlyWhatItHadRead()
    {
        var shell = Tool.Shell("seq 1 100000 | $queueipc put jobs; $queueipc get jobs --follow | head -c 300000 | wc -c");

        using var queue = Open<string>();
        Assert.Equal("300000", shell.Output.Trim());
        if (OperatingSystem.IsLinux())
        {
            // 'head' reads blocks: no more than one of them, and its last line, is lost.
            var bytes = 0;
            var printed = Enumerable.Range(1, 100_000).TakeWhile(number => (bytes += $"{number}\n".Length) <= 300_000).Count();
            Assert.InRange(queue.Count, 100_000 - printed - (8192 / "50000\n".Length) - 1, 100_000 - printed);
        }
    }

    [UnixFact]
    public void Pipeline_OutputIntoAFile_IsAppendedLikeAnyOther()
    {
        var file = Path.GetTempFileName();
        try
        {
            Tool.Shell($"(echo first; seq 1 3 | $queueipc put jobs; $queueipc get jobs -n 2; $queueipc peek jobs; echo last) > {file}");

            Assert.Equal("first\n1\n2\n3\nlast\n", File.ReadAllText(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [UnixFact]
    public void Pipeline_TwoReaders_ShareTheItems()
    {
        var shell = Tool.Shell(
            "seq 1 20000 | $queueipc put jobs; ($queueipc get jobs --follow & $queueipc get jobs --follow & $queueipc complete jobs --yes > /dev/null; wait) | sort -n | uniq | wc -l");

        Assert.Equal("20000", shell.Output.Trim());
    }
}
