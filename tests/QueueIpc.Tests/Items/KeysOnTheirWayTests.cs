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

        Assert.Matches("Send|Await|give|Give", e.Message);
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

    public sealed record WithAnything(object? Value);

    public record Key(int A);

    public sealed record Longer(int A, int B) : Key(A);
}
