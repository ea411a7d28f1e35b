using System.Numerics;
using System.Text;
using MessagePack;

namespace QueueIpc.Tests.Items;

/// <summary>What each type is on the wire, and what else is read as it: the rows of "On the wire" in docs/items.md.</summary>
public sealed class WireFormTests
{
    private static readonly DateTime Noon = new(2026, 7, 1, 12, 0, 0, DateTimeKind.Utc);

    private enum Level : long
    {
        High = 2,
    }

    [Fact]
    public void Integers_AreShortest_AndReadFromExactFloats()
    {
        Assert.Equal([5], Wire.Of(5L));
        Assert.Equal([65], Wire.Of('A'));
        Assert.Equal([2], Wire.Of(Level.High));
        Assert.Equal(5, Read<int>(5.0));
        Assert.Equal(1L << 53, Read<long>((double)(1L << 53)));
        Assert.Equal((ulong)7, Read<ulong>(7f));
        Assert.Equal((byte)7, Read<byte>(7.0));
        Assert.Equal((sbyte)-7, Read<sbyte>(-7.0));
        Assert.Equal(5, Read<int?>(5.0));
        Assert.Equal(Level.High, Read<Level>(2.0));
        Assert.Equal(Level.High, Read<Level?>(2.0));
        Assert.Equal([1, 2], Wire.Read<int[]>(MessagePackSerializer.Serialize(new[] { 1.0, 2.0 })));
        Assert.Equal([1, 2], Wire.Read<List<long>>(MessagePackSerializer.Serialize(new[] { 1.0, 2.0 })));
        Assert.Equal(3, Wire.Read<Numbers>("""{"Small":3.0,"Large":4.0}""").Small);
        Unreadable<int>(5.5);
        Unreadable<long>((double)(1L << 54));
        Unreadable<byte>(256.0);
        Unreadable<int>(double.NaN);
        Unreadable<int>("5");
        Unreadable<Level>("High");
    }

    [Fact]
    public void Floats_AreReadFromIntegersAndTheOtherWidth()
    {
        Assert.Equal(0xca, Wire.Of(1.5f)[0]);
        Assert.Equal(0xcb, Wire.Of(1.5)[0]);
        Assert.Equal(5.0, Read<double>(5));
        Assert.Equal(1.5, Read<double>(1.5f));
        Assert.Equal(1.5f, Read<float>(1.5));
    }

    [Fact]
    public void Decimal_IsText_AndReadFromIntegers()
    {
        Assert.Equal("1.50", MessagePackSerializer.Deserialize<string>(Wire.Of(1.50m), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(5m, Read<decimal>(5));
        Assert.Equal(ulong.MaxValue, Read<decimal>(ulong.MaxValue));
        Assert.Equal(-5m, Read<decimal?>(-5));
        Unreadable<decimal>(1.5);
        Unreadable<decimal>("12,30");
        Unreadable<decimal>("12345678901234567890.1234567890123");
        Assert.Equal(1m, Read<decimal>("1.0000000000000000000000000000000"));
        Assert.Equal(decimal.MinValue, Read<decimal>("-79228162514264337593543950335"));
    }

    [Fact]
    public void Times_HaveTheirForms_AndATimestampAloneIsAnInstant()
    {
        Assert.Equal(Noon, MessagePackSerializer.Deserialize<DateTime>(Wire.Of(Noon), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(0x92, Wire.Of(new DateTimeOffset(Noon))[0]);
        Assert.True(new DateTimeOffset(Noon).EqualsExact(Read<DateTimeOffset>(Noon)));
        Assert.True(new DateTimeOffset(Noon).EqualsExact(Read<DateTimeOffset?>(Noon)!.Value));
        Assert.Equal(TimeSpan.FromMilliseconds(0.5), Read<TimeSpan>(5_000));
        Assert.Equal(TimeSpan.FromDays(400), Read<TimeSpan>((double)TimeSpan.FromDays(400).Ticks));
        Assert.Equal(new TimeOnly(23, 0), Read<TimeOnly>((double)new TimeOnly(23, 0).Ticks));
        Assert.Equal(new DateOnly(1, 1, 2), Read<DateOnly>(1));
        Unreadable<DateTime>("2026-07-01");
        Unreadable<DateTime>(5);
    }

    [Fact]
    public void Texts_AreText()
    {
        Assert.Equal("12345678-1234-5678-1234-567812345678", TextOf(new Guid("12345678-1234-5678-1234-567812345678")));
        Assert.Equal("http://a/b", TextOf(new Uri("http://a/b")));
        Assert.Equal("1.2", TextOf(new Version(1, 2)));
        Assert.Equal("sb", TextOf(new StringBuilder("sb")));
        Unreadable<Guid>(new byte[16]);
        Unreadable<Guid>("12345678123456781234567812345678");
    }

    [Fact]
    public void BytesNumbersAndCollections_HaveTheirForms()
    {
        Assert.Equal(0xc4, Wire.Of(new BigInteger(5))[0]);
        Assert.Equal("[1,2]", Wire.Json(Wire.Of(new Complex(1, 2))));
        Assert.Equal("[1,200]", Wire.Json(Wire.Of(new List<byte> { 1, 200 })));
        Assert.Equal("[65]", Wire.Json(Wire.Of(new[] { 'A' })));
        Assert.Equal("[2,2,[1,2,3,4]]", Wire.Json(Wire.Of(new[,] { { 1, 2 }, { 3, 4 } })));
        Assert.Equal("""[1,2,3,4,5,6,7,[8,9]]""", Wire.Json(Wire.Of((1, 2, 3, 4, 5, 6, 7, 8, 9))));
        Assert.Equal("""["a",1]""", Wire.Json(Wire.Of(KeyValuePair.Create("a", 1))));
        Assert.Equal([0x81, 1, 2], Wire.Of(new Dictionary<int, int> { [1] = 2 }));
        Assert.Equal(Infinite, Read<float>(1e300));
        Assert.Equal([1, 2], Read<BytesOf>(new Dictionary<string, int[]> { ["Bytes"] = [1, 2] }).Bytes);
        Unreadable<BigInteger>(5);
        Unreadable<(int, int)>(new[] { 1, 2, 3 });
        Unreadable<int[,]>(new[] { new[] { 1 } });
        Unreadable<Numbers[]>(new[] { new byte[] { 1 } });
    }

    [Fact]
    public void QueueInsideAnItem_IsItsEndpointAndName()
    {
        using var queue = IpcQueue.Create<int>();

        Assert.Equal(new[] { queue.Endpoint, queue.Name }, MessagePackSerializer.Deserialize<string[]>(Wire.Of(new Tuple<IpcQueue<int>>(queue)).AsMemory(1), cancellationToken: TestContext.Current.CancellationToken));
    }

    private static T Read<T>(object value) => Wire.Read<T>(MessagePackSerializer.Serialize(value));

    private static string TextOf<T>(T item) => MessagePackSerializer.Deserialize<string>(Wire.Of(item), cancellationToken: TestContext.Current.CancellationToken);

    private static void Unreadable<T>(object value) => Assert.Throws<ItemSerializationException>(() => Read<T>(value));

    private const float Infinite = float.PositiveInfinity;

    public sealed record BytesOf(byte[] Bytes);

    public sealed class Numbers
    {
        public int Small { get; set; }

        public long Large { get; set; }
    }
}
