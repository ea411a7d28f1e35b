using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.Serialization;
using System.Xml.Linq;
using MessagePack;

namespace QueueIpc.Tests.Items;

/// <summary>What would arrive as something else, or as nothing that can be read, is refused when it is put; its neighbours arrive.</summary>
public sealed class KeysOnTheirWayTests
{
    public static TheoryData<string> Refused => [.. Cases.Where(one => one.Value.IsRefused).Select(one => one.Key)];

    public static TheoryData<string> Arriving => [.. Cases.Where(one => !one.Value.IsRefused).Select(one => one.Key)];

    private static readonly DateTime Noon = new(2026, 7, 1, 12, 0, 0, DateTimeKind.Utc);

    private static readonly Dictionary<string, (bool IsRefused, Func<bool> Trip)> Cases = new()
    {
        ["equal by an ignored member"] = (true, () => Trip(new HashSet<WithIgnored> { new(1) { Z = 1 }, new(1) { Z = 2 } })),
        ["equal by a private field"] = (true, () => Trip(new Dictionary<WithSecret, int> { [new(1, 2)] = 1 })),
        ["equal by a member without mark"] = (true, () => Trip(new HashSet<Unmarked> { new() { A = 1, B = 2 } })),
        ["a struct with a private field"] = (true, () => Trip(new HashSet<Hidden> { new(1, 2) })),
        ["a derived record among base keys"] = (true, () => Trip(new Dictionary<Key, int> { [new(1)] = 1, [new Longer(1, 2)] = 2 })),
        ["a derived record in a set of base ones"] = (true, () => Trip(new HashSet<Key> { new(1), new Longer(1, 2) })),
        ["base keys alone"] = (false, () => Trip(new Dictionary<Key, int> { [new(1)] = 1, [new(2)] = 2 })),
        ["base keys alone in a set"] = (false, () => Trip(new HashSet<Key> { new(1), new(2) })),
        ["a record as object key"] = (true, () => Trip(new Dictionary<object, int> { [new Key(1)] = 1 })),
        ["object keys that become one"] = (true, () => Trip(new Dictionary<object, int> { [1] = 1, [1L] = 2 })),
        ["a decimal as object key"] = (true, () => Trip(new HashSet<object> { 1m })),
        ["a Guid in a Hashtable"] = (true, () => Trip(new Hashtable { [Guid.Empty] = 1 })),
        ["texts and numbers as object keys"] = (false, () => Trip(new Dictionary<object, int> { ["a"] = 1, [1] = 2 })),
        ["texts in a Hashtable"] = (false, () => Trip(new Hashtable { ["a"] = 1 })),
        ["keys with a part that could be anything"] = (true, () => Trip(new HashSet<(object, int)> { (Guid.Empty, 1) })),
        ["records with such a part"] = (true, () => Trip(new Dictionary<WithAnything, int> { [new(1.5m)] = 1 })),
        ["texts that only a comparer tells apart"] = (true, () => Trip(new HashSet<string>(ReferenceEqualityComparer.Instance) { new('a', 1), new('a', 1) })),
        ["the same in a dictionary"] = (true, () => Trip(new ConcurrentDictionary<string, int>(ReferenceEqualityComparer.Instance) { [new('a', 1)] = 1, [new('a', 1)] = 2 })),
        ["the same, sorted"] = (true, () => Trip(new SortedSet<string>(Comparer<string>.Create((one, other) => ReferenceEquals(one, other) ? 0 : 1)) { new('a', 1), new('a', 1) })),
        ["texts whose comparer is stricter about what is one"] = (false, () => Trip(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1, ["b"] = 2 })),
        ["sorted by their bytes"] = (false, () => Trip(new SortedDictionary<string, int>(StringComparer.Ordinal) { ["a"] = 1, ["b"] = 2 })),
        ["a derived record in a tuple"] = (true, () => Trip(new HashSet<(Key, int)> { (new Longer(1, 2), 1) })),
        ["a derived record in a tuple that is a class"] = (true, () => Trip(new Dictionary<Tuple<Key, int>, int> { [Tuple.Create<Key, int>(new Longer(1, 2), 1)] = 1 })),
        ["a derived record in a record"] = (true, () => Trip(new Dictionary<Around, int> { [new(new Longer(1, 2))] = 1 })),
        ["a derived record in a pair in a lookup"] = (true, () => Trip(new[] { 1 }.ToLookup(_ => KeyValuePair.Create<Key, int>(new Longer(1, 2), 1)))),
        ["base records in a tuple"] = (false, () => Trip(new HashSet<(Key, int)> { (new(1), 1), (new(2), 1) })),
        ["a local time"] = (true, () => Trip(new Dictionary<DateTime, int> { [new(2026, 3, 29, 2, 30, 0, DateTimeKind.Local)] = 1 })),
        ["a local time beside the same one in UTC"] = (true, () => Trip(new HashSet<DateTime> { Noon, new(Noon.Ticks + 1, DateTimeKind.Local) })),
        ["a local time, sorted"] = (true, () => Trip(new SortedSet<DateTime> { Noon.ToLocalTime() })),
        ["a local time in a tuple"] = (true, () => Trip(new HashSet<(DateTime?, int)> { (Noon.ToLocalTime(), 1) })),
        ["times in UTC and of no kind"] = (false, () => Trip(new HashSet<DateTime> { Noon, new(5, DateTimeKind.Unspecified) })),
        ["halves of surrogate pairs"] = (true, () => Trip(new HashSet<string> { "a\ud83d", "a\ud83e" })),
        ["halves of surrogate pairs in a dictionary"] = (true, () => Trip(new Dictionary<string, int> { ["\ude00\ud83d"] = 1 })),
        ["halves of surrogate pairs, sorted"] = (true, () => Trip(new SortedDictionary<string, int>(StringComparer.Ordinal) { ["a\ud83d"] = 1, ["a\ud83e"] = 2 })),
        ["halves of surrogate pairs in a tuple"] = (true, () => Trip(new HashSet<(string, int)> { ("\ud83d", 1) })),
        ["halves of surrogate pairs in a lookup"] = (true, () => Trip(new[] { 1 }.ToLookup(_ => "\ud83d"))),
        ["halves of surrogate pairs as object keys"] = (true, () => Trip(new Dictionary<object, int> { ["\ud83d"] = 1 })),
        ["halves of surrogate pairs in an ExpandoObject"] = (true, () => Trip(Expando("\ud83d"))),
        ["halves of surrogate pairs behind an interface"] = (true, () => Trip<IReadOnlyDictionary<string, int>>(new Dictionary<string, int> { ["\ud83d"] = 1 })),
        ["halves of surrogate pairs where anything may be"] = (true, () => Trip(new WithAnything(new Dictionary<string, int> { ["\ud83d"] = 1 }))),
        ["whole surrogate pairs"] = (false, () => Trip(new HashSet<string> { "a\ud83d\ude00", "\ud83e\udd16\ud83d\ude00" })),
        ["keys that nobody reads where anything may be"] = (true, () => Trip(new WithAnything(new Dictionary<(int, int), int> { [(1, 2)] = 1 }))),
        ["texts and numbers where anything may be"] = (false, () => Trip(new WithAnything(new Dictionary<object, object> { ["a"] = "b" }))),
        ["sorted by nobody knows what"] = (true, () => Trip(new SortedSet<Key>(Comparer<Key>.Create((one, other) => one.A.CompareTo(other.A))) { new(1) })),
        ["sorted texts"] = (false, () => Trip(new SortedSet<string> { "a", "b" })),
        ["a BlockingCollection"] = (true, () => Trip(new BlockingCollection<int> { 1 })),
        ["a task"] = (true, () => Trip(new TaskCompletionSource<int>().Task)),
        ["a task that is done"] = (true, () => Trip(Task.FromResult(1))),
        ["XML"] = (true, () => Trip(XDocument.Parse("<a b='1'/>"))),
        ["DBNull"] = (true, () => Trip(DBNull.Value)),
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Put_WouldArriveAsSomethingElse_IsRefusedInWords(string name)
    {
        var e = Assert.Throws<ItemSerializationException>(() => Cases[name].Trip());

        Assert.Matches("Send|Await|give|Give|Use|Cut", e.Message);
        Assert.DoesNotContain("Formatter", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Arriving))]
    public void Put_Neighbour_ArrivesEqual(string name) => Assert.True(Cases[name].Trip());

    private static bool Trip<T>(T item)
    {
        using var queue = IpcQueue.Create<T>();
        queue.Put(item);
        Assert.Equivalent(item, queue.Get(TimeSpan.Zero));
        return true;
    }

    public sealed record WithIgnored(int A)
    {
        [IgnoreMember]
        public int Z { get; set; }
    }

    public sealed record WithSecret(int A)
    {
        private readonly int _secret;

        public WithSecret(int a, int secret)
            : this(a) => _secret = secret;

        public int Twice() => _secret * 2;
    }

    [DataContract]
    public sealed record Unmarked
    {
        [DataMember]
        public int A { get; set; }

        public int B { get; set; }
    }

    public struct Hidden(int a, int b)
    {
        private readonly int _b = b;

        public int A { get; set; } = a;

        public readonly int Sum() => A + _b;
    }

    private static System.Dynamic.ExpandoObject Expando(string key)
    {
        var expando = new System.Dynamic.ExpandoObject();
        ((IDictionary<string, object?>)expando)[key] = "a";
        return expando;
    }

    public sealed record Around(Key Key);

    public sealed record WithAnything(object? Value);

    public record Key(int A);

    public sealed record Longer(int A, int B) : Key(A);
}
