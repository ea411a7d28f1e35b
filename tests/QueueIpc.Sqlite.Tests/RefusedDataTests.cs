using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Core;
using QueueIpc.Tests.Support;

namespace QueueIpc.Sqlite.Tests;

/// <summary>Data that cannot be trusted, or belongs to somebody else, is refused in words, and stays as it is.</summary>
public sealed class RefusedDataTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Load_OneBitOfAnItemTurned_IsRefusedAndNothingIsChanged()
    {
        Fill("the content of an item");
        var file = _directory.Combine("queues.db");
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes("the content"))] ^= 0x10;
        File.WriteAllBytes(file, bytes);

        var error = Assert.Throws<IOException>(() => Open().Dispose());

        Assert.Contains($"The data in '{_directory.Path}' is damaged: run 1 is not what was written", error.Message, StringComparison.Ordinal);

        // Behind the header, which says how often the file was opened.
        Assert.Equal(bytes[100..], File.ReadAllBytes(file)[100..]);
    }

    [Fact]
    public void Read_OneBitOfAnItemTurned_EndsTheBrokerInWordsAndNothingIsChanged()
    {
        Fill("the content of an item");
        var file = _directory.Combine("queues.db");
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes("the content"))] ^= 0x10;
        File.WriteAllBytes(file, bytes);
        using var failure = new BlockingCollection<Exception>();
        using (var store = new SqliteStorage(_directory.Path) { CheckedBytes = 0 }.Open(Context with { Failed = failure.Add }))
        {
            var run = Assert.Single(Assert.Single(store.Load()).Runs);
            Assert.False(run.IsHere);
            store.Continue("jobs", new Nobody()).Read(new Reading(1, 1, 1));

            Assert.True(failure.TryTake(out var error, Times.Long));
            Assert.Contains($"The data in '{_directory.Path}' is damaged: run 1 is not what was written", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(bytes[100..], File.ReadAllBytes(file)[100..]);
    }

    [Fact]
    public void Open_FileThatIsNoDatabase_IsRefused()
    {
        File.WriteAllText(_directory.Combine("queues.db"), new string('x', 10_000));

        Assert.Contains("is damaged", Assert.Throws<IOException>(() => Open().Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DirectoryThatABrokerHas_NamesItsProcess()
    {
        using var first = Open();

        var error = Assert.ThrowsAny<IOException>(() => Open().Dispose());

        Assert.Contains($"is used by another broker (process {Environment.ProcessId})", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileInThePlaceOfTheDirectory_IsRefused()
    {
        var path = _directory.Combine("file");
        File.WriteAllText(path, "mine");

        Assert.Contains("must be a directory", Assert.Throws<IOException>(() => new SqliteStorage(path).Open(Context)).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(path));
    }

    [Fact]
    public void Open_DirectoryThatCannotBeMade_IsRefusedInWords()
    {
        var file = _directory.Combine("file");
        File.WriteAllText(file, "mine");
        var path = Path.Combine(file, "data");

        Assert.StartsWith($"The data directory '{path}' cannot be made: ", Assert.Throws<IOException>(() => new SqliteStorage(path).Open(Context)).Message, StringComparison.Ordinal);
    }

    private static StoreContext Context { get; } = new(NullLogger.Instance, 0, _ => { }, () => { });

    private IQueueStore Open()
    {
        var store = new SqliteStorage(_directory.Path).Open(Context);
        try
        {
            store.Load();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private void Fill(string content)
    {
        using var store = Open();
        var journal = store.Create("jobs", new QueueSettings(), new Nobody());
        byte[] packed = [.. BitConverter.GetBytes(content.Length), .. Encoding.UTF8.GetBytes(content)];
        journal.Write([new Change(ChangeKind.Accepted, 1, 1, ItemRun.Accept(new ItemBatch(packed, 0, 1, packed.Length), 1, 0))]);
    }

    private sealed class Nobody : IJournalOwner
    {
        public void Kept(long writes)
        {
            // Nobody waits.
        }

        public void Arrived(in Reading reading, IReadOnlyList<ItemRun> runs) => Assert.Fail("Nobody has asked for anything");
    }
}
