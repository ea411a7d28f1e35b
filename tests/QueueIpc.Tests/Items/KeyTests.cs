using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using QueueIpc.Serialization;

namespace QueueIpc.Tests.Items;

/// <summary>What may be a key of a dictionary or a set: whatever Put accepts, Get gives back equal, and nobody can choose keys that collide.</summary>
public sealed class KeyTests
{
    public static TheoryData<object> Keys =>
    [
        "text", 7, -7L, (byte)1, 'x', true, 1.5, -0.0, 1.5f, Guid.Empty, DayOfWeek.Friday, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)), 1.50m, TimeSpan.FromTicks(5), new DateOnly(2026, 1, 2), new TimeOnly(3, 4), (Half)1.5, (Int128)5, (UInt128)6,
        new BigInteger(7), new Complex(1, 2), new Uri("https://example.com/A?b"), new Version(1, 2, 3), new Rune('x'), (1, 2), ("a", 1.5m, new DateOnly(2026, 1, 1)),
        Tuple.Create(1, "b"), new KeyValuePair<int, string>(1, "c"), new Place("here", 1), new Spot(1, 2), new Nested(new Place("x", 2), new Spot(3, 4), null), new Plain { X = 1, Y = 2 },
    ];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Dictionary_KeyOfThisType_IsFoundAgain(object key)
    {
        GetType().GetMethod(nameof(RoundTrips), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(key.GetType()).Invoke(null, [key]);
    }

    [Fact]
    public void Dictionary_DecimalsOfOtherDigits_AreOneKey()
    {
        var comparer = KeySecurity.Instance.GetEqualityComparer<decimal>();

        Assert.Equal(comparer.GetHashCode(1.0m), comparer.GetHashCode(1.000m));
        Assert.Equal(comparer.GetHashCode(0m), comparer.GetHashCode(-0.00m));
        Assert.NotEqual(comparer.GetHashCode(1.1m), comparer.GetHashCode(1.2m));
    }

    /// <summary>With the hash that the compiler makes for records, all of these would be in one bucket.</summary>
    [Fact]
    public void Dictionary_KeysThatWereChosenToCollide_DoNot()
    {
        var chosen = Enumerable.Range(0, 10_000).Select(i => new Spot(i, unchecked(-(i * -1521134295)))).ToArray();
        Assert.Single(chosen.Select(spot => spot.GetHashCode()).Distinct());
        var comparer = KeySecurity.Instance.GetEqualityComparer<Spot>();

        Assert.InRange(chosen.Select(comparer.GetHashCode).Distinct().Count(), 9_990, 10_000);
    }

    [Fact]
    public void Dictionary_TextsAsKeys_HaveTheUsualComparer()
    {
        Assert.Equal(EqualityComparer<string>.Default, Trip(new HashSet<string> { "a" }).Comparer);
    }

    [Fact]
    public void Put_KeysWithAnEqualsOfTheirOwn_IsRefusedInWords()
    {
        using var queue = IpcQueue.Create<Dictionary<Caseless, int>>();

        var error = Assert.Throws<ItemSerializationException>(() => queue.Put([]));

        Assert.Contains("for keys of type Caseless there is no comparer", error.Message, StringComparison.Ordinal);
        Assert.Contains("Send a list of key-value pairs", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Put_KeysOfAnInterface_IsRefusedInWords()
    {
        using var queue = IpcQueue.Create<Dictionary<IFormattable, int>>();

        Assert.Contains("for keys of type IFormattable there is no comparer", Assert.Throws<ItemSerializationException>(() => queue.Put([])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Put_KeysThatContainThemselves_IsRefusedInWords()
    {
        using var queue = IpcQueue.Create<HashSet<Chain>>();

        Assert.Throws<ItemSerializationException>(() => queue.Put([]));
    }

    [Fact]
    public void Put_SortedKeysWithAnEqualsOfTheirOwn_Arrive()
    {
        using var queue = IpcQueue.Create<SortedDictionary<Caseless, int>>();

        queue.Put(new() { [new Caseless("a")] = 1 });

        Assert.Equal(1, queue.Get()[new Caseless("A")]);
    }

    private static void RoundTrips<T>(T key)
        where T : notnull
    {
        Assert.Equal(1, Trip(new Dictionary<T, int> { [key] = 1 })[key]);
        Assert.Contains(key, Trip(new HashSet<T> { key }));
        Assert.Equal(1, Trip(new ConcurrentDictionary<T, int> { [key] = 1 })[key]);
        Assert.Equal(1, Trip(ImmutableDictionary<T, int>.Empty.Add(key, 1))[key]);
        Assert.Contains(key, Trip(ImmutableHashSet<T>.Empty.Add(key)));
        Assert.Equal([1], Trip(new[] { 1 }.ToLookup(_ => key))[key]);
        Assert.Empty(Trip(new Dictionary<T, int>()));
        Assert.Equal(1, Trip(new Holder<T>(new() { [key] = 1 })).Days[key]);
    }

    private static T Trip<T>(T item)
    {
        using var queue = IpcQueue.Create<T>();
        queue.Put(item);
        return queue.Get();
    }

    public sealed record Place(string Name, int Floor);

    public readonly record struct Spot(int X, int Y);

    public sealed record Nested(Place Place, Spot Spot, int? Level);

    public struct Plain
    {
        public int X { get; set; }

        public int Y { get; set; }
    }

    public sealed record Chain(int Number, Chain? Next);

    public sealed record Holder<T>(Dictionary<T, int> Days)
        where T : notnull;

    internal sealed record Caseless(string Name) : IComparable<Caseless>
    {
        public bool Equals(Caseless? other) => string.Equals(Name, other?.Name, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => Name.GetHashCode(StringComparison.OrdinalIgnoreCase);

        public int CompareTo(Caseless? other) => string.Compare(Name, other?.Name, StringComparison.OrdinalIgnoreCase);
    }
}
