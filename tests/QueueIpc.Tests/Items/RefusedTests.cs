using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using MessagePack;
using QueueIpc.FSharpItems;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Tests.Items;

/// <summary>The table of docs/items.md about what Put refuses, row by row: it is refused, nothing is put, and the words say what to send instead.</summary>
public sealed class RefusedTests
{
    private static readonly DateTime Local = new(2026, 7, 1, 12, 0, 0, DateTimeKind.Local);

    private static readonly Dictionary<string, (string Words, Action[] Puts)> Rows = new()
    {
        ["an exception"] = (@"WorkerFailure\.From\(exception\)", [Put(new IOException("m")), Put<Exception>(new IOException("m")), Put(new Holder<Exception?>(null)), Put(new List<Exception>())]),
        ["a collection derived"] = ("has the collection as a member", [Put(new Page()), Put(new Factor(5)), Put(new Named("a")), Put(new Counted()), Put(new Keyed()), Put(new Holder<Page>(new Page()))]),
        ["a collection whose own code"] = ("has the collection as a member", [Put(new Doubling { 1 }), Put(new Twice { 1 }), Put(new Seeded()), Put(new Holder<object>(new Doubling { 1 }))]),
        ["a dictionary or set whose keys"] = ("Send a list of key-value pairs", [Put(new HashSet<byte[]>()), Put(new HashSet<Plain>()), Put(new HashSet<Holder<List<int>>>()), Put(new HashSet<(object, int)>()), Put(new Dictionary<Holder<Type>, int>())]),
        ["a key of a class derived"] = ("end a list of key-value pairs|give them their type", [Put(new HashSet<Key> { new Longer(1, 2) }), Put(new HashSet<(Key, int)> { (new Longer(1, 2), 1) }), Put(new HashSet<Holder<Key>> { new(new Longer(1, 2)) }), Put(new HashSet<object> { 1m })]),
        ["a key that is or has in it"] = (@"ToUniversalTime\(\)|Cut text between characters", [Put(new HashSet<DateTime> { Local }), Put(new HashSet<(DateTime?, int)> { (Local, 1) }), Put(new HashSet<string> { "\ud83d" }), Put(new Dictionary<Holder<string>, int> { [new("\ud83d")] = 1 })]),
        ["a dictionary in a member of type"] = ("Give the member its type", [Put(new Holder<object>(new Dictionary<(int, int), int>())), Put(new Holder<object>(new Dictionary<DateTimeOffset, int>())), Put(new object[] { new List<object> { new Dictionary<Key, int>() } })]),
        ["a sorted dictionary"] = ("Send an array", [Put(new SortedSet<Key>()), Put(new SortedDictionary<Plain, int>())]),
        ["an object of which nothing"] = ("Send a record", [Put(new Hidden(5))]),
        ["an interface or abstract class"] = (@"\[Union\]|Send its text", [Put<IFormattable>(5), Put<ICloneable>(new List<int>().ToArray()), Put<IOwn>(new Plain()), Put<IShape>(new Square())]),
        ["what means nothing"] = ("end what it|nd what it points to", [Put<Action>(() => { }), Put<Func<int>>(() => 1), Put(CancellationToken.None), Put((nint)5), Put(new Spanning()), Put(new Pointing())]),
        ["`Task`"] = ("Await it, and send its result", [Put(Task.CompletedTask), Put(Task.FromResult(1)), Put(new ValueTask<int>(1)), Put(default(ValueTask))]),
        ["`Stream`"] = ("Send its bytes or its text, or the name of its file", [Put<Stream>(new MemoryStream()), Put(new MemoryStream()), Put<TextReader>(new StringReader("a")), Put(new StringWriter())]),
        ["classes of .NET that hold"] = ("holds something of this process until its Dispose. Send a record", [Put(new HttpClient()), Put(new Process()), Put(new System.Timers.Timer()), Put(new Activity("a")), Put(new Holder<System.Security.Cryptography.X509Certificates.X509Certificate2?>(null)), Put(new Client()), Put(new Barrier(1)), Put(new ThreadLocal<int>())]),
        ["other classes of .NET"] = ("no value. Send a record", [Put(new Random(1)), Put(new Lock()), Put(new CookieContainer()), Put(new System.Security.Claims.Claim("a", "b")), Put(new AsyncLocal<int>())]),
        ["`Type`"] = ("Send its (n|FullN)ame", [Put(typeof(int)), Put(new Holder<Type>(typeof(int))), Put(new Holder<object>(typeof(int))), Put(typeof(int).GetMethods()[0]), Put(typeof(int).Assembly), Put(new Dictionary<Type, int>())]),
        ["`JsonElement`"] = (@"Send its text \((GetRawText|RootElement.GetRawText|ToJsonString)\(\)\)", [Put(JsonDocument.Parse("{}").RootElement), Put(JsonDocument.Parse("{}")), Put<JsonNode>(new JsonObject()), Put(new JsonObject()), Put(new JsonArray())]),
        ["`IPAddress`"] = (@"Send its text \(ToString\(\)\)", [Put(IPAddress.Loopback), Put(new IPEndPoint(IPAddress.Loopback, 1)), Put(new System.Text.RegularExpressions.Regex("a"))]),
        ["`FileInfo`"] = (@"Send its (FullName|Name|Id|WebName|name, or ToArgb\(\))\.", [Put(new FileInfo("a")), Put(new DirectoryInfo("a")), Put(CultureInfo.InvariantCulture), Put(TimeZoneInfo.Utc), Put(System.Text.Encoding.UTF8), Put(System.Drawing.Color.Red)]),
        ["`FrozenDictionary`"] = ("Send (a Dictionary|a HashSet|an array of its UnorderedItems|its ToArray)", [Put(FrozenDictionary<string, int>.Empty), Put(new Holder<object>(new[] { 1 }.ToFrozenSet())), Put(FrozenSet<int>.Empty), Put(new ReadOnlySet<int>(new HashSet<int>())), Put(new PriorityQueue<int, int>()), Put(new BlockingCollection<int>()), Put(new System.Collections.Specialized.NameValueCollection())]),
        ["`IAsyncEnumerable<T>`"] = (@"Send (each as an item, or an array|its ToArray\(\))", [Put(new[] { 1 }.ToAsyncEnumerable()), Put(new Holder<object>(new[] { 1 }.Where(one => one > 0)))]),
        ["`XDocument`"] = ("Send (its text|null)", [Put(new XDocument()), Put(new XElement("a")), Put(DBNull.Value)]),
        ["a union of F#"] = ("Send a record, or the case's name", [Put(Answers.Bad), Put(Answers.Some), Put(Answers.Payment)]),
        ["a `list` or `Map`"] = ("Send (an array|a dictionary)", [Put(Answers.List), Put(Answers.Map)]),
    };

    public static TheoryData<string> Documented =>
        [.. Repository.Read("docs/items.md").Split("| refused | send instead |")[1].Split("\n\n")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line[2..])];

    [Theory]
    [MemberData(nameof(Documented))]
    public void Put_RowOfTheTable_IsRefusedWithWhatToSendInstead(string row)
    {
        var (words, puts) = Assert.Single(Rows, one => row.StartsWith(one.Key, StringComparison.Ordinal)).Value;

        Assert.All(puts, put => Assert.Matches(words, Assert.Throws<ItemSerializationException>(put).Message));
    }

    [Fact]
    public void Documented_HasEveryRow() => Assert.Equal(Rows.Count, Documented.Count);

    /// <summary>What is near to what is refused, and has nothing to lose.</summary>
    [Fact]
    public void Put_Neighbours_Arrive()
    {
        Assert.Equal([1], Wire.Trip(new Marked { 1 }));
        Assert.Equal([1], Wire.Trip(new Told { 1 }));
        Assert.Equal([1, 2], Wire.Trip(new Checking { 1, 2 }));
        Assert.Equal([1, 2], Wire.Trip(new HandMadeCollection { 1, 2 }));
        Assert.Equal(5, Wire.Trip(new Disposed { Number = 5 }).Number);
        Assert.Equal(5, Wire.Trip(new Contracted { Number = 5 }).Number);
        Assert.Equal("a", Wire.Trip(new FormattedException("a")).Message);
        Assert.Equal([1, 2], Wire.Trip(new[] { 1, 2 }.Where(one => one > 0)));
        Assert.Equal(new Cookie("a", "b"), Wire.Trip(new Cookie("a", "b")));
        Assert.Equal(HttpMethod.Get, Wire.Trip(HttpMethod.Get));
        Assert.Equal(1, Trip(new { A = 1, B = "b" })[new { A = 1, B = "b" }]);
        Assert.Equal(1, Trip(Answers.Order)[Answers.Order]);
        Assert.Equal(1, Trip(Answers.Spot)[Answers.Spot]);

        static Dictionary<TKey, int> Trip<TKey>(TKey key)
            where TKey : notnull => Wire.Trip(new Dictionary<TKey, int> { [key] = 1 });
    }

    private static Action Put<T>(T item) => () =>
    {
        using var queue = IpcQueue.Create<T>();
        try
        {
            queue.Put(item);
        }
        finally
        {
            Assert.Equal(0, queue.Count);
        }
    };

    public sealed record Holder<T>(T Value);

    public record Key(int A);

    public sealed record Longer(int A, int B) : Key(A);

    public sealed class Page : List<int>
    {
        public int Total { get; set; }
    }

    public sealed class Factor : List<int>
    {
        private readonly int _factor;

        public Factor()
        {
        }

        public Factor(int factor) => _factor = factor;

        public int Sum() => this.Sum(one => one * _factor);
    }

    public sealed class Named : Collection<int>
    {
        public Named()
            : this(string.Empty)
        {
        }

        public Named(string name) => Name = name;

        public string Name { get; }
    }

    public sealed class Counted : Dictionary<string, int>
    {
        public int Added { get; private set; }
    }

    public sealed class Keyed : KeyedCollection<string, string>
    {
        protected override string GetKeyForItem(string item) => item;
    }

    public sealed class Doubling : Collection<int>
    {
        protected override void InsertItem(int index, int item) => base.InsertItem(index, item * 2);
    }

    public class HandMadeCollection : ICollection<int>
    {
        private readonly List<int> _items = [];

        public int Count => _items.Count;

        public bool IsReadOnly => false;

        public virtual void Add(int item) => _items.Add(item);

        public void Clear() => _items.Clear();

        public bool Contains(int item) => _items.Contains(item);

        public void CopyTo(int[] array, int arrayIndex) => _items.CopyTo(array, arrayIndex);

        public bool Remove(int item) => _items.Remove(item);

        public IEnumerator<int> GetEnumerator() => _items.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public sealed class Twice : HandMadeCollection
    {
        public override void Add(int item)
        {
            base.Add(item);
            base.Add(item);
        }
    }

    public sealed class Seeded : List<int>
    {
        public Seeded() => Add(1);
    }

    public sealed class Marked : List<int>
    {
        [NonSerialized]
        private int _known;

        [IgnoreMember]
        public int Total { get; private set; }

        public void Note(int number) => (_known, Total) = (number, _known + number);
    }

    public sealed class Told : Collection<int>
    {
        private readonly Lock _lock = new();
        private readonly object _gate = new();
        private readonly Func<int> _next = () => 1;

        public event Action? Added;

        public int Next()
        {
            lock (_gate)
            {
                using (_lock.EnterScope())
                {
                    return _next();
                }
            }
        }

        protected override void InsertItem(int index, int item)
        {
            base.InsertItem(index, item);
            Added?.Invoke();
        }
    }

    public sealed class Checking : Collection<int>
    {
        protected override void InsertItem(int index, int item)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(item);
            base.InsertItem(index, item);
        }
    }

    public interface IOwn;

    public sealed class Plain : IOwn
    {
        public int Number { get; set; }
    }

    public sealed class Hidden(int number)
    {
        private readonly int _number = number;

        public int Half => _number / 2;
    }

    [Union(0, typeof(Circle))]
    public interface IShape;

    public sealed record Circle(double Radius) : IShape;

    public sealed record Square : IShape;

    public sealed class Spanning
    {
        public int Number { get; set; }

        public Span<int> Here { get => default; set => Number = value.Length; }
    }

    public sealed unsafe class Pointing
    {
        public int* Here { get; set; }
    }

    public sealed class Client : HttpClient
    {
        public int Number { get; set; }
    }

    [DataContract]
    public sealed class Contracted : System.ComponentModel.Component
    {
        [DataMember]
        public int Number { get; set; }
    }

    [MessagePackFormatter(typeof(FormattedFormatter))]
    public sealed class FormattedException(string message) : Exception(message);

    public sealed class FormattedFormatter : MessagePack.Formatters.IMessagePackFormatter<FormattedException?>
    {
        public void Serialize(ref MessagePackWriter writer, FormattedException? value, MessagePackSerializerOptions options) => writer.Write(value?.Message);

        public FormattedException? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => new(reader.ReadString() ?? string.Empty);
    }

    public sealed class Disposed : IDisposable
    {
        public int Number { get; set; }

        public void Dispose() => Number = 0;
    }
}
