using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Drawing;
using System.Dynamic;
using System.Numerics;
using System.Runtime.Serialization;
using System.Text;
using MessagePack;

namespace QueueIpc.Tests.Items;

/// <summary>Types that are put into queues, with a value of each. Every one arrives equal or is refused by Put; none arrives changed.</summary>
public static class ItemTable
{
    public static IReadOnlyList<ItemTableRow> All { get; } =
    [
        // Values.
        Row("bool", true), Row("byte", (byte)200), Row("sbyte", (sbyte)-100), Row("short", (short)-300), Row("ushort", (ushort)65_000), Row("int", 70_000), Row("uint", 4_000_000_000u),
        Row("long", (1L << 53) + 1), Row("long, small", 5L), Row("ulong", ulong.MaxValue), Row("float", 1.5f), Row("double", 0.1), Row("double, whole", 5.0), Row("double, -0", -0.0), Row("NaN", double.NaN),
        Row("Half", (Half)0.5), Row("decimal", 1.50m), Row("decimal, largest", decimal.MaxValue), Row("char", 'A'), Row("string", "Grüße 你好 😀"), Row("string, empty", string.Empty), Row("string, long", new string('x', 300)),
        Row("int?", (int?)5), Row("int?, null", (int?)null), Row("decimal?", (decimal?)1.5m), Row("DayOfWeek", DayOfWeek.Friday), Row("enum of long", Wide.Far), Row("enum of byte?", (Small?)Small.One),
        Row("Guid", new Guid("12345678-1234-5678-1234-567812345678")), Row("DateTime", new DateTime(2026, 11, 28, 1, 2, 3, DateTimeKind.Utc).AddTicks(7)), Row("DateTime, last", new DateTime(DateTime.MaxValue.Ticks, DateTimeKind.Utc)),
        Row("DateTimeOffset", new DateTimeOffset(2026, 1, 1, 5, 30, 0, TimeSpan.FromHours(5.5))), Row("TimeSpan", TimeSpan.FromDays(400)), Row("TimeSpan, negative", TimeSpan.FromTicks(-5)), Row("DateOnly", new DateOnly(2026, 11, 28)),
        Row("TimeOnly", new TimeOnly(23, 59, 59, 999)), Row("BigInteger", BigInteger.Pow(2, 70)), Row("Complex", new Complex(1, 2)), Row("Int128", (Int128)5), Row("Int128, large", Int128.MaxValue), Row("UInt128", (UInt128)6),
        Row("Uri", new Uri("http://a/b")), Row("Version", new Version(1, 2, 3)), Row("StringBuilder", new StringBuilder("abc"), (a, b) => a.Equals(b)), Row("Rune", new Rune('x')), Row("Index", ^3), Row("Range", 1..^2),
        Row("BitArray", new BitArray([true, false, true])), Row("Nil", Nil.Default), Row("Vector2", new Vector2(1, 2)), Row("Matrix3x2", Matrix3x2.Identity), Row("Point", new Point(1, 2)), Row("Size", new Size(3, 4)), Row("PointF", new PointF(1.5f, 2)),

        // Bytes and arrays.
        Row("byte[] in a member", new Holder<byte[]>([1, 2, 3])), Row("Memory<byte>", new Holder<Memory<byte>>(new byte[] { 1, 2 }), (a, b) => a.Value.Span.SequenceEqual(b.Value.Span)),
        Row("ArraySegment<byte>", new ArraySegment<byte>([1, 2, 3], 1, 2)), Row("List<byte>", new List<byte> { 1, 200 }), Row("sbyte[]", new sbyte[] { -1, 2 }), Row("char[]", new[] { 'a', '你' }), Row("int[]", new[] { 1, -70_000 }),
        Row("long[]", new[] { 1L << 40 }), Row("short[]", new short[] { 1, -1 }), Row("ushort[]", new ushort[] { 1, 65_535 }), Row("uint[]", new uint[] { 1, 70_000 }), Row("ulong[]", new ulong[] { 1, 1UL << 40 }), Row("float[]", new[] { 1.5f }),
        Row("double[]", new[] { 1.5, 2 }), Row("bool[]", new[] { true, false }), Row("string?[]", new[] { "a", null }), Row("DateTime[]", new[] { DateTime.UnixEpoch }), Row("decimal[]", new[] { 1.5m }), Row("int?[]", new int?[] { 1, null }),
        Row("DayOfWeek[]", new[] { DayOfWeek.Monday }), Row("int[,]", new[,] { { 1, 2 }, { 3, 4 } }), Row("int[,,]", new[,,] { { { 1 } } }), Row("int[][]", new int[][] { [1], [2, 3] }), Row("Spot[]", new[] { new Spot(1, 2) }),

        // Collections.
        Row("List<int>", new List<int> { 1, 300 }), Row("List<Place>", new List<Place> { new("a", 1) }), Row("IList<int>", (IList<int>)[1, 2]), Row("IReadOnlyList<string>", (IReadOnlyList<string>)["a"]), Row("IEnumerable<int>", (IEnumerable<int>)[1, 2]),
        Row("ICollection<int>", (ICollection<int>)[1]), Row("IReadOnlyCollection<int>", (IReadOnlyCollection<int>)[1]), Row("LinkedList<int>", new LinkedList<int>([1, 2])), Row("Queue<int>", new Queue<int>([1, 2])), Row("Stack<int>", new Stack<int>([1, 2])),
        Row("HashSet<int>", new HashSet<int> { 1, 2 }), Row("ISet<string>", (ISet<string>)new HashSet<string> { "a" }), Row("SortedSet<int>", new SortedSet<int> { 2, 1 }), Row("ConcurrentBag<int>", new ConcurrentBag<int> { 1, 2, 3 }),
        Row("ConcurrentQueue<int>", new ConcurrentQueue<int>([1, 2])), Row("ConcurrentStack<int>", new ConcurrentStack<int>([1, 2])), Row("Collection<int>", new Collection<int> { 1 }), Row("ObservableCollection<int>", new ObservableCollection<int> { 1 }),
        Row("ReadOnlyCollection<int>", new ReadOnlyCollection<int>([1, 2])), Row("ImmutableArray<int>", ImmutableArray.Create(1, 2)), Row("ImmutableList<int>", ImmutableList.Create(1, 2)), Row("ImmutableHashSet<int>", ImmutableHashSet.Create(1)),
        Row("ImmutableQueue<int>", ImmutableQueue.Create(1, 2)), Row("ImmutableStack<int>", ImmutableStack.Create(1, 2)), Row("ImmutableSortedSet<int>", ImmutableSortedSet.Create(2, 1)), Row("ArraySegment<int>", new ArraySegment<int>([1, 2, 3], 1, 2)),
        Row("class : List<int>", new Numbers { 1, 300 }), Row("class : Dictionary<string, int>", new Counts { ["a"] = 1 }), Row("class : Collection<Place>", new Places { new Place("a", 1) }), Row("ArrayList", new ArrayList { "a", true }),
        Row("Lazy<int>", new Lazy<int>(() => 5), (a, b) => a.Value == b.Value), Row("ILookup<string, int>", new[] { 1, 2 }.ToLookup(_ => "k")), Row("IGrouping<int, string>", new[] { "a" }.GroupBy(_ => 1).Single()),

        // Dictionaries, and keys.
        Row("Dictionary<string, int>", new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }), Row("Dictionary<int, string>", new Dictionary<int, string> { [1] = "a" }), Row("Dictionary<long, int>", new Dictionary<long, int> { [(1L << 53) + 1] = 1 }),
        Row("Dictionary<bool, int>", new Dictionary<bool, int> { [true] = 1 }), Row("Dictionary<char, int>", new Dictionary<char, int> { ['x'] = 1 }), Row("Dictionary<double, int>", new Dictionary<double, int> { [1.5] = 1 }),
        Row("Dictionary<DayOfWeek, int>", new Dictionary<DayOfWeek, int> { [DayOfWeek.Friday] = 1 }), Row("Dictionary<Guid, int>", new Dictionary<Guid, int> { [Guid.Empty] = 1 }), Row("Dictionary<DateTime, int>", new Dictionary<DateTime, int> { [DateTime.UnixEpoch] = 1 }),
        Row("Dictionary<DateOnly, int>", new Dictionary<DateOnly, int> { [new DateOnly(2026, 1, 1)] = 1 }), Row("Dictionary<decimal, int>", new Dictionary<decimal, int> { [1.5m] = 1 }), Row("Dictionary<TimeSpan, int>", new Dictionary<TimeSpan, int> { [TimeSpan.Zero] = 1 }),
        Row("Dictionary<Uri, int>", new Dictionary<Uri, int> { [new Uri("http://a/")] = 1 }), Row("Dictionary<Version, int>", new Dictionary<Version, int> { [new Version(1, 2)] = 1 }), Row("Dictionary<(int, string), int>", new Dictionary<(int, string), int> { [(1, "a")] = 1 }),
        Row("Dictionary<Place, int>", new Dictionary<Place, int> { [new Place("a", 1)] = 1 }), Row("Dictionary<Spot, int>", new Dictionary<Spot, int> { [new Spot(1, 2)] = 1 }), Row("HashSet<Place>", new HashSet<Place> { new("a", 1) }),
        Row("HashSet<(int, int)>", new HashSet<(int, int)> { (1, 2) }), Row("HashSet<decimal>", new HashSet<decimal> { 1.5m }), Row("SortedDictionary<string, int>", new SortedDictionary<string, int> { ["b"] = 1, ["a"] = 2 }),
        Row("SortedList<int, int>", new SortedList<int, int> { [1] = 2 }), Row("ConcurrentDictionary<int, int>", new ConcurrentDictionary<int, int> { [1] = 2 }), Row("ReadOnlyDictionary<string, int>", new ReadOnlyDictionary<string, int>(new Dictionary<string, int> { ["a"] = 1 })),
        Row("IDictionary<string, int>", (IDictionary<string, int>)new Dictionary<string, int> { ["a"] = 1 }), Row("IReadOnlyDictionary<string, int>", (IReadOnlyDictionary<string, int>)new Dictionary<string, int> { ["a"] = 1 }),
        Row("ImmutableDictionary<int, int>", ImmutableDictionary<int, int>.Empty.Add(1, 2)), Row("ImmutableSortedDictionary<int, int>", ImmutableSortedDictionary<int, int>.Empty.Add(1, 2)), Row("ExpandoObject", Expando()),
        Row("Dictionary<string, Place>, empty", new Dictionary<string, Place>()), Row("Dictionary<byte[], int>", new Dictionary<byte[], int>(), refused: true), Row("HashSet<WithBytes>", new HashSet<WithBytes>(), refused: true),
        Row("Dictionary<(byte[], int), int>", new Dictionary<(byte[], int), int>(), refused: true), Row("HashSet<Plain>", new HashSet<Plain>(), refused: true), Row("Dictionary<object, int>", new Dictionary<object, int> { ["a"] = 1 }),

        // Tuples.
        Row("(int, string)", (1, "a")), Row("Tuple<int, string>", Tuple.Create(1, "a")), Row("KeyValuePair<string, int>", new KeyValuePair<string, int>("a", 1)), Row("tuple of nine", (1, 2, 3, 4, 5, 6, 7, 8, 9)), Row("(int, (string, int?))", (1, ("a", (int?)null))),

        // Objects.
        Row("class", new Plain { Number = 1, Text = "a", Numbers = [1, 2] }), Row("record", new Place("a", 1)), Row("record struct", new Spot(1, 2)), Row("nested records", new Nested(new Place("a", null), new Spot(3, 4), [new Place("b", 2)], null)),
        Row("record with more", new WithMore(1) { Note = "n" }), Row("generic record", new Holder<List<int?>>([1, null])), Row("record without members", new Memberless()), Row("public fields", new Fields { X = 1, Y = "a" }), Row("required", new Needs { Id = 1 }),
        Row("written-out property", new Written { Count = 3 }), Row("private setter", Guarded.Of(3)), Row("ignored member", new Ignoring { Number = 1 }), Row("[Key(n)]", new Numbered { A = 1, C = "c" }), Row("[Key(n)], private setter", NumberedPrivate.Of(3)),
        Row("[Key(n)] record", new NumberedRecord(1, "a")), Row("[Key(text)]", new Lettered { Id = 1 }), Row("keyAsPropertyName", new ByName { Id = 1 }), Row("[DataContract]", new Contract { Id = 1 }), Row("[DataContract], ordered", new OrderedContract { B = 1, A = 2 }),
        Row("[DataMember(Order)] alone", new OnlyOrdered { B = 1, A = 2 }), Row("internal class", new Inside { Id = 1 }), Row("[Union]", (IShape)new Circle(2)), Row("[Union] in a member", new Holder<IShape>(new Square(3))),
        Row("derived class", new Dog { Name = "Rex", Bones = 3 }), Row("null members", new Holder<Place?>(null)), Row("object, text", new Holder<object>("a")), Row("object, null", new Holder<object?>(null)), Row("anonymous", new { Id = 1, Name = "a" }),
        Row("chain", new Chain(1, new Chain(2, null))), Row("long names", new LongNames { ThisNameHasMoreThanThirtyOneCharactersInIt = 1 }), Row("IEnumerable by itself", new Bag { Items = [1, 2] }, (a, b) => a.Items.SequenceEqual(b.Items)),

        // Refused.
        Row("Exception", new IOException("m"), refused: true), Row("class : List<int> with a member", new Page { Total = 1 }, refused: true), Row("PriorityQueue<int, int>", new PriorityQueue<int, int>(), refused: true),
        Row("FrozenDictionary<string, int>", System.Collections.Frozen.FrozenDictionary<string, int>.Empty, refused: true), Row("JsonElement", System.Text.Json.JsonDocument.Parse("{}").RootElement, refused: true),
        Row("FrozenSet<int>", System.Collections.Frozen.FrozenSet<int>.Empty, refused: true), Row("KeyedCollection<string, string>", new ByItself { "a" }, refused: true), Row("JsonNode", (System.Text.Json.Nodes.JsonNode)new System.Text.Json.Nodes.JsonObject(), refused: true), Row("JsonObject", new System.Text.Json.Nodes.JsonObject { ["a"] = 1 }, refused: true), Row("IPAddress", System.Net.IPAddress.Loopback, refused: true),
        Row("TimeZoneInfo", TimeZoneInfo.Utc, refused: true), Row("CultureInfo", System.Globalization.CultureInfo.InvariantCulture, refused: true), Row("FileInfo", new FileInfo("a"), refused: true), Row("nint", (nint)5, refused: true),
        Row("Action", new Action(() => { }), refused: true), Row("Stream", (Stream)new MemoryStream(), refused: true), Row("MemoryStream", new MemoryStream(), refused: true), Row("CancellationToken", CancellationToken.None, refused: true), Row("Task", Task.CompletedTask, refused: true),
        Row("Color", Color.Red, refused: true), Row("NameValueCollection", new System.Collections.Specialized.NameValueCollection { ["a"] = "b" }, refused: true), Row("struct of private fields", new Money(5), refused: true),
    ];

    private static ItemTableRow<T> Row<T>(string name, T item, Func<T, T, bool>? same = null, bool refused = false) => new(name, item, same, refused);

    private static ExpandoObject Expando()
    {
        var expando = new ExpandoObject();
        ((IDictionary<string, object?>)expando)["a"] = "b";
        return expando;
    }

    public enum Wide : long
    {
        Far = 1L << 40,
    }

    public enum Small : byte
    {
        One = 1,
    }

    public sealed record Holder<T>(T Value);

    public sealed record Place(string Name, int? Floor);

    public readonly record struct Spot(int X, int Y);

    public sealed record Nested(Place Place, Spot Spot, IReadOnlyList<Place> Others, Spot? Perhaps);

    public sealed record WithMore(int Id)
    {
        public string Note { get; init; } = string.Empty;
    }

    public sealed record WithBytes(byte[] Bytes);

    public sealed record Memberless;

    public sealed record Chain(int Number, Chain? Next);

    public sealed class Plain
    {
        public int Number { get; set; }

        public string? Text { get; set; }

        public List<int> Numbers { get; set; } = [];
    }

    internal sealed class Fields
    {
        public int X;
        public string? Y;
    }

    public sealed class Needs
    {
        public required int Id { get; init; }
    }

    public sealed class Written
    {
        private int _count;

        public int Count
        {
            get => _count;
            set => _count = value;
        }
    }

    public sealed class Guarded
    {
        public int Number { get; private set; }

        public static Guarded Of(int number) => new() { Number = number };
    }

    public sealed class Ignoring
    {
        public int Number { get; set; }

        [IgnoreMember]
        public int Ignored { get; set; }
    }

    [MessagePackObject]
    public sealed class Numbered
    {
        [Key(0)]
        public int A { get; set; }

        [Key(2)]
        public string? C { get; set; }
    }

    [MessagePackObject]
    public sealed class NumberedPrivate
    {
        [Key(0)]
        public int Number { get; private set; }

        public static NumberedPrivate Of(int number) => new() { Number = number };
    }

    [MessagePackObject]
    public sealed record NumberedRecord([property: Key(0)] int A, [property: Key(1)] string B);

    [MessagePackObject]
    public sealed class Lettered
    {
        [Key("i")]
        public int Id { get; set; }
    }

    [MessagePackObject(keyAsPropertyName: true)]
    public sealed class ByName
    {
        public int Id { get; set; }
    }

    [DataContract]
    public sealed class Contract
    {
        [DataMember(Name = "i")]
        public int Id { get; set; }

        public int Not { get; set; }
    }

    [DataContract]
    public sealed class OrderedContract
    {
        [DataMember(Order = 1)]
        public int B { get; set; }

        [DataMember(Order = 0)]
        public int A { get; set; }
    }

    public sealed class OnlyOrdered
    {
        [DataMember(Order = 1)]
        public int B { get; set; }

        [DataMember(Order = 0)]
        public int A { get; set; }
    }

    internal sealed class Inside
    {
        public int Id { get; set; }
    }

    [Union(0, typeof(Circle))]
    [Union(300, typeof(Square))]
    public interface IShape
    {
    }

    [MessagePackObject]
    public sealed record Circle([property: Key(0)] double Radius) : IShape;

    public sealed record Square(double Side) : IShape;

    public class Animal
    {
        public string Name { get; set; } = string.Empty;
    }

    public sealed class Dog : Animal
    {
        public int Bones { get; set; }
    }

    public sealed class LongNames
    {
        public int ThisNameHasMoreThanThirtyOneCharactersInIt { get; set; }
    }

    public sealed class Bag : IEnumerable<int>
    {
        public List<int> Items { get; set; } = [];

        public IEnumerator<int> GetEnumerator() => Items.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public sealed class Numbers : List<int>;

    public sealed class Counts : Dictionary<string, int>;

    public sealed class Places : Collection<Place>;

    public sealed class Page : List<int>
    {
        public int Total { get; set; }
    }

    public sealed class ByItself : KeyedCollection<string, string>
    {
        protected override string GetKeyForItem(string item) => item;
    }

    public readonly struct Money(int cents)
    {
        private readonly int _cents = cents;

        public int Euros => _cents / 100;
    }
}
