using System.Globalization;

namespace QueueIpc.Sqlite.Tests.Disk;

/// <summary>
/// What a broker asks of the system is recorded, and power cuts are made of the recording: 60, or as many as QUEUEIPC_POWER_CUTS says. What was confirmed by
/// then is there each time, so every confirmation came behind the flush that covers it. Errors of the disk are made by strace as well.
/// </summary>
public sealed class PowerCutTests(ITestOutputHelper output) : IDisposable
{
    private const int CutsUsually = 60;
    private const int Items = 150;
    private const int ItemChars = 400;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void PowerCut_Anywhere_LosesNothingThatWasConfirmed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace is for Linux");
        var times = int.TryParse(Environment.GetEnvironmentVariable("QUEUEIPC_POWER_CUTS"), CultureInfo.InvariantCulture, out var asked) ? asked : CutsUsually;
        var record = _directory.Combine("strace");
        var said = Writer.Run(Recording.StraceTo(record), _directory.Combine("data"), times > CutsUsually ? Items * 3 : Items, ItemChars);
        Assert.Equal("done", said.End);
        var calls = Recording.Read(record);
        Assert.Equal(said.Accepted + (2 * said.Done), calls.Count(call => call.Kind == CallKind.Said && call.File[0] != 'E'));
        var seed = Random.Shared.Next();
        var image = Directory.CreateDirectory(_directory.Combine("image")).FullName;

        var faults = new PowerCuts(calls, new Random(seed), image, ItemChars).Cut(times);
        var faultsWithoutFlushes = new PowerCuts(calls, new Random(seed), image, ItemChars) { LogIsFlushed = false }.Cut(times);

        output.WriteLine($"{said.Accepted} puts, {said.Done} acks, {calls.Count(call => call.Kind == CallKind.Flush)} flushes; {times} power cuts, {faults.Count} with a fault; if the log were not flushed, {faultsWithoutFlushes.Count}");
        Assert.True(faults.Count == 0, $"Seed {seed}: {string.Join('\n', faults.Take(5))}");
        Assert.True(faultsWithoutFlushes.Count > times / 10, "Without flushes next to nothing was lost: this test sees nothing");
    }

    [Theory]
    [InlineData("fsync:error=EIO:when=15", false)]
    [InlineData("fsync:error=EIO:when=15+", true)]
    [InlineData("pwrite64:error=EIO:when=60", false)]
    [InlineData("pwrite64:error=EIO:when=60+", true)]
    [InlineData("pwrite64:error=ENOSPC:when=60..61", false)]
    public void Write_ErrorOfTheLog_IsTriedOnceAgainAndThenTheEnd(string error, bool isTheEnd)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace is for Linux");
        var (data, record) = (_directory.Combine("data"), _directory.Combine("strace"));

        var said = Writer.Run(["strace", "-f", "-o", record, "-P", Path.Combine(data, "queues.db-wal"), "-e", "trace=fsync,pwrite64", "-e", $"inject={error}"], data, Items, ItemChars);

        output.WriteLine($"{said.Accepted} puts, {said.Done} acks, then: {said.End}");
        Assert.Contains("(INJECTED)", File.ReadAllText(record), StringComparison.Ordinal);
        Assert.True(isTheEnd ? said.End!.Contains("can keep nothing any more", StringComparison.Ordinal) : said.End == "done", said.End);
        Assert.NotEqual(0, said.Accepted);
        Assert.Null(said.FaultOf(data));
    }

    /// <summary>A limit on the size of files cuts a write in two, and lets no other be made.</summary>
    [Fact]
    public void Write_CutInTwo_LosesNothingThatWasConfirmed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the shell's limits are those of Linux here");
        var data = _directory.Combine("data");

        var said = Writer.Run(["bash", "-c", "trap '' XFSZ; ulimit -f 40000; exec \"$@\"", "bash"], data, 3000, 60_000);

        output.WriteLine($"{said.Accepted} puts, {said.Done} acks, then: {said.End}");
        Assert.Contains("can keep nothing any more", said.End, StringComparison.Ordinal);
        Assert.NotEqual(0, said.Accepted);
        Assert.Null(said.FaultOf(data));
    }
}
