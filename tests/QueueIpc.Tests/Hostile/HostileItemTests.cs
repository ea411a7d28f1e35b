using System.Globalization;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Hostile;

/// <summary>
/// Items that attack whoever reads them. The broker passes them on as the bytes they are; a reader in a process of its own, which a stack that
/// overflows would end, gets an exception with these bytes, and the item is dead.
/// </summary>
public sealed class HostileItemTests(AttackedBroker broker, ITestOutputHelper output) : IClassFixture<AttackedBroker>
{
    private const int Depth = 100_000;
    private const string NotesQueue = "notes";

    /// <summary>Beside copies of the item: for the exception, which is passed on through all 500 levels where it nests.</summary>
    private const long AllocatedBytesMax = 4 * 1024 * 1024;

    private static readonly HostileItem[] Items =
    [
        Of<object>("arrays 100,000 deep", [.. Enumerable.Repeat((byte)0x91, Depth), 0xC0]),
        Of<object>("maps 100,000 deep", [.. Enumerable.Repeat<byte[]>([0x81, 0x01], Depth).SelectMany(bytes => bytes), 0xC0]),
        Of<Chain>("a chain of 100,000 objects", [.. Enumerable.Repeat<byte[]>([0x81, 0xA4, (byte)'N', (byte)'e', (byte)'x', (byte)'t'], Depth).SelectMany(bytes => bytes), 0xC0]),
        Of<int[]>("an array of 2^32-1", [0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        Of<List<string>>("a list of 2^31-1", [0xDD, 0x7F, 0xFF, 0xFF, 0xFF, 0xA1, (byte)'a']),
        Of<object[]>("an array in an array, both of 2^32-1", [0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0xDD, 0xFF, 0xFF, 0xFF, 0xFF]),
        Of<int[,]>("a table of 100,000 times 100,000", [0x93, 0xCE, 0, 1, 0x86, 0xA0, 0xCE, 0, 1, 0x86, 0xA0, 0x90]),
        Of<Dictionary<string, int>>("a map of 2^32-1", [0xDF, 0xFF, 0xFF, 0xFF, 0xFF, 0xA1, (byte)'a', 1]),
        Of<object>("a map of 2^32-1, of any kind", [0xDF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1]),
        Of<Dictionary<string, int>>("the same key twice", [0x82, 0xA1, (byte)'a', 1, 0xA1, (byte)'a', 2]),
        Of<Dictionary<object, int>>("a key that is a map", [0x81, 0x81, 1, 1, 1]),
        Of<string>("a text of 2^32-1 bytes", [0xDB, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'a']),
        Of<Note>("a text of 2^31-1 bytes in an object", [0x81, 0xA4, (byte)'T', (byte)'e', (byte)'x', (byte)'t', 0xDB, 0x7F, 0xFF, 0xFF, 0xFF]),
        Of<Blob>("bytes of 2^32-1 in an object", [0x81, 0xA5, (byte)'B', (byte)'y', (byte)'t', (byte)'e', (byte)'s', 0xC6, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        Of<string>("one character too few", [0xA5, (byte)'a', (byte)'b']),
        Of<DateTime>("a time of 5 bytes", [0xC7, 5, 0xFF, 1, 2, 3, 4, 5]),
        Of<DateTime>("a time of no bytes", [0xC7, 0, 0xFF]),
        Of<DateTime>("a time of 2^32-1 bytes", [0xC9, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        Of<object>("a time of 3 bytes, of any kind", [0xC7, 3, 0xFF, 1, 2, 3]),
        Of<object>("a type by its name", [0xC7, 40, 100, 0xD9, 36, .. "System.Diagnostics.Process, System.Di"u8, 0xC0, 0xC0]),
        Of<object>("compressed, it says", [0xC7, 4, 99, 0xD2, 0x7F, 0xFF, 0xFF]),
        Of<int>("nothing at all", []),
        Of<int>("more than an item", [1, 2]),
    ];

    [Fact]
    public void Get_ItemThatAttacksItsReader_SerializationExceptionWithItsBytesAndTheItemIsDead()
    {
        foreach (var item in Items)
        {
            using var raw = Raw(item);
            raw.PutMany([item.Bytes, item.Bytes]);
        }

        using var results = IpcQueue.Open<string>(broker.Endpoint, "results");
        using var reader = WorkerProcess.Start(ReadAll, results);
        Assert.True(reader.WaitForExit(Times.Long * 2), "the reader hangs");
        Assert.Equal(0, reader.ExitCode);

        var failed = 0;
        foreach (var item in Items)
        {
            using var raw = Raw(item);
            var result = results.Get(TimeSpan.Zero);
            output.WriteLine($"{item.Name}: {result}");
            if (result.StartsWith("read", StringComparison.Ordinal))
            {
                failed++;
                continue;
            }

            Assert.Equal((2, 0), (raw.GetInfo().Dead, raw.Count));
            Assert.All(raw.GetDeadItems(10), dead => Assert.Equal(item.Bytes, dead.Bytes.ToArray()));
        }

        Assert.Equal(0, failed);
        broker.AssertUnharmed();
    }

    [Fact]
    public void Get_MemberThatNobodyKnowsNestsAMillionDeep_IsPassedOver()
    {
        using var raw = IpcQueue.Open<byte[]>(broker.Endpoint, NotesQueue);
        raw.Put([0x82, 0xA1, (byte)'x', .. Enumerable.Repeat((byte)0x91, 1_000_000), 0xC0, 0xA4, (byte)'T', (byte)'e', (byte)'x', (byte)'t', 0xA1, (byte)'y']);

        using var results = IpcQueue.Open<string>(broker.Endpoint, "notes read");
        using var reader = WorkerProcess.Start(ReadNote, results);

        Assert.Equal("y", results.Get(Times.Long));
        Assert.True(reader.WaitForExit(Times.Long));
        Assert.Equal(0, reader.ExitCode);
    }

    [Fact]
    public void Get_KeysWhoseUsualHashesCollide_AreReadAsFastAsOthers()
    {
        const int Keys = 30_000;
        using var raw = IpcQueue.Open<byte[]>(broker.Endpoint, "keys");
        using var maps = IpcQueue.Open<Dictionary<long, int>>(broker.Endpoint, "keys");
        var colliding = Enumerable.Range(0, Keys).ToDictionary(i => ((long)i << 32) | (uint)i, i => i);
        Assert.Single(colliding.Keys.Select(key => key.GetHashCode()).Distinct());
        maps.Put(colliding);
        maps.Put(Enumerable.Range(0, Keys).ToDictionary(i => (long)i, i => i));
        maps.Put([]);
        var attack = raw.Get(TimeSpan.Zero);
        var usual = raw.Get(TimeSpan.Zero);
        maps.Get(TimeSpan.Zero);

        var (shortestAttack, shortestUsual) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 5; i++)
        {
            raw.PutMany([attack, usual]);
            shortestAttack = Min(shortestAttack, Run.Timed(() => Assert.Equal(Keys, maps.Get(TimeSpan.Zero).Count)));
            shortestUsual = Min(shortestUsual, Run.Timed(() => Assert.Equal(Keys, maps.Get(TimeSpan.Zero).Count)));
        }

        // Each key against all before it would be some hundred times as long.
        output.WriteLine($"{shortestAttack.TotalMilliseconds:0.0} ms, others {shortestUsual.TotalMilliseconds:0.0} ms");
        Assert.InRange(shortestAttack, TimeSpan.Zero, shortestUsual * 10);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static void ReadNote(IpcQueue<string> results)
    {
        using var notes = IpcQueue.Open<Note>(results.Endpoint, NotesQueue);
        results.Put(notes.Get(Times.Long).Text!);
    }

    private static void ReadAll(IpcQueue<string> results)
    {
        foreach (var item in Items)
        {
            results.Put(item.Read(results.Endpoint, item));
        }
    }

    /// <summary>Twice: the first time a formatter is made for the type, and that costs memory of its own.</summary>
    private static string Read<T>(string endpoint, HostileItem item)
    {
        using var queue = IpcQueue.Open<T>(endpoint, item.Queue);
        try
        {
            return $"read as {queue.Get(Times.Long)}";
        }
        catch (ItemSerializationException)
        {
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ItemSerializationException>(() => queue.Get(Times.Long));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(item.Bytes, error.RawBytes.ToArray());
        Assert.True(allocated < AllocatedBytesMax + (4 * item.Bytes.Length), $"{item.Name}: {allocated} bytes were allocated");
        return string.Create(CultureInfo.InvariantCulture, $"{allocated} bytes allocated: {error.InnerException!.GetBaseException().Message}");
    }

    private static HostileItem Of<T>(string name, byte[] bytes) => new(name, bytes, Read<T>);

    private IpcQueue<byte[]> Raw(HostileItem item) => IpcQueue.Open<byte[]>(broker.Endpoint, item.Queue);

    private sealed record HostileItem(string Name, byte[] Bytes, Func<string, HostileItem, string> Read)
    {
        public string Queue => $"item, {Name}";
    }

    public sealed class Note
    {
        public string? Text { get; set; }
    }

    public sealed class Chain
    {
        public Chain? Next { get; set; }
    }

    public sealed class Blob
    {
        public byte[]? Bytes { get; set; }
    }
}
