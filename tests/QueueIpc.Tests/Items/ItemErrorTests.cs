using System.Collections.Immutable;
using QueueIpc.Serialization;

namespace QueueIpc.Tests.Items;

/// <summary>What is wrong with an item, and where in it: said by Put and by Get, without a name of the serializer's inside.</summary>
public sealed class ItemErrorTests
{
    [Theory]
    [InlineData("""{"Lines":[{"Price":"1"},{"Price":"2"},{"Price":"3"},{"Price":1.5}]}""", "Order.Lines[3].Price: a float 64 came where decimal (text) is read.")]
    [InlineData("""{"Lines":5}""", "Order.Lines: the integer 5 came where List<Line> (array) is read.")]
    [InlineData("""{"Lines":[7]}""", "Order.Lines[0]: the integer 7 came where Line (map) is read.")]
    [InlineData("[]", "an array of 0 came where Order (map) is read.")]
    [InlineData("""{"Lines":null,"Places":{"a":{"X":"b"}}}""", "Order.Places[a].X: text came where int is read.")]
    [InlineData("""{"Small":300}""", "Order.Small: 300 does not fit into byte (0 to 255).")]
    [InlineData("""{"Small":300.0}""", "Order.Small: 300 does not fit into byte (0 to 255).")]
    [InlineData("""{"Day":99999999999}""", "Order.Day: 99999999999 does not fit into DayOfWeek (-2147483648 to 2147483647).")]
    [InlineData("""{"Numbers":[1,-5000000000.0]}""", "Order.Numbers[1]: -5000000000 does not fit into int (-2147483648 to 2147483647).")]
    [InlineData("""{"Places":{"a":{"Y":1},"b":{"X":5,"Y":-1}}}""", "Order.Places[b].Y: Y is not negative.")]
    [InlineData("""{"Checked":{"Amount":-1}}""", "Order.Checked.Amount: amount ('-1') must be a non-negative value. (Parameter 'amount')")]
    [InlineData("""{"Places":{"a":{"X":1},"b":{"X":true}}}""", "Order.Places[b].X: true came where int is read.")]
    [InlineData("""{"ByNumber":{"a":"b"}}""", "Order.ByNumber: the key 'a' came where int is read.")]
    [InlineData("""{"ById":{"a":"b"}}""", "Order.ById: the key 'a' came, and it is no Guid (text).")]
    [InlineData("""{"Version":"a.b"}""", "Order.Version: text came, and it is no Version (text).")]
    [InlineData("""{"Version":"1.99999999999"}""", "Order.Version: text came, and it is no Version (text).")]
    [InlineData("""{"On":-5}""", "Order.On: the integer -5 came, and it is no DateOnly (integer, days, 0 to 3652058).")]
    [InlineData("""{"At":864000000000}""", "Order.At: the integer 864000000000 came, and it is no TimeOnly (integer, units of 100 ns, less than a day).")]
    [InlineData("""{"Uri":"http://"}""", "Order.Uri: text came, and it is no Uri (text).")]
    [InlineData("""{"Half":"a"}""", "Order.Half: text came where Half (float) is read.")]
    [InlineData("""{"Complex":5}""", "Order.Complex: the integer 5 came where Complex ([real, imaginary]) is read.")]
    [InlineData("""{"Complex":[1,2,3]}""", "Order.Complex: an array of 3 came, and it is no Complex ([real, imaginary]).")]
    [InlineData("""{"Huge":5}""", "Order.Huge: the integer 5 came where Int128 (map of Lower and Upper) is read.")]
    [InlineData("""{"Grid":[2,2,[1]]}""", "Order.Grid[2]: an array of 1 came, and it is no int[] (array).")]
    [InlineData("""{"Nine":[1,2,3,4,5,6,7,["a",9]]}""", "Order.Nine.Item8: text came where int is read.")]
    [InlineData("""{"Parts":["abc"]}""", "Order.Parts[0]: text came where byte[] (bytes) is read.")]
    [InlineData("""{"Pieces":["abc"]}""", "Order.Pieces[0]: text came where Memory<byte> (bytes) is read.")]
    [InlineData("""{"Run":"abc"}""", "Order.Run: text came where ReadOnlySequence<byte> (bytes) is read.")]
    [InlineData("""{"Positive":[1,-1]}""", "Order.Positive[1]: item ('-1') must be a non-negative value. (Parameter 'item')")]
    [InlineData("""{"Small":null}""", "Order.Small: nil came where byte is read.")]
    [InlineData("""{"Pair":[1,true]}""", "Order.Pair.Item2: true came where string is read.")]
    [InlineData("""{"Count":1.5}""", "Order.Count: 1.5 is no integer, or too large for a float to be exact.")]
    [InlineData("""{"Count":-1}""", "Order.Count: Count is not negative.")]
    [InlineData("""{"When":"now"}""", "Order.When: text came where DateTime (timestamp, years 1 to 9999) is read.")]
    [InlineData("""{"Pair":[1]}""", "Order.Pair: an array of 1 came, and it is no (int, string) (array of 2).")]
    [InlineData("""{"Named":[1,2,3]}""", "Order.Named: an array of 3 came, and it is no KeyValuePair<string, int> (array of 2).")]
    [InlineData("""{"Named":7}""", "Order.Named: the integer 7 came where KeyValuePair<string, int> (array of 2) is read.")]
    [InlineData("""{"Id":"not one"}""", "Order.Id: text came, and it is no Guid (text).")]
    [InlineData("""{"Lines":[{"Price":"x"}]}""", "Order.Lines[0].Price: text came, and it is no decimal (text).")]
    [InlineData("""{"Animal":5}""", "Order.Animal: the integer 5 came where IAnimal (array of 2) is read.")]
    [InlineData("""{"Big":"12"}""", "Order.Big: text came where BigInteger (bytes) is read.")]
    [InlineData("""{"Letter":70000}""", "Order.Letter: 70000 does not fit into char (0 to 65535).")]
    public void Get_ItemThatDoesNotFit_SaysWhereAndWhatCame(string json, string words)
    {
        var error = Assert.Throws<ItemSerializationException>(() => Wire.Read<Order>(json));

        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Resolver", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("msgpack code", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Get_TimesThatDotnetHasNot_SaysSo()
    {
        byte[] far = [0xc7, 12, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0, 0, 0, 0, 0, 0];

        Assert.Contains("a timestamp came, and it is no DateTime (timestamp, years 1 to 9999).", Unreadable<DateTime>(far), StringComparison.Ordinal);
        Assert.Contains("DateTime[][0]: a timestamp came, and it is no DateTime", Unreadable<DateTime[]>([0x91, .. far]), StringComparison.Ordinal);
        Assert.Contains(": an array of 2 came, and it is no DateTimeOffset ([timestamp, minutes]).", Unreadable<DateTimeOffset>(MessagePack.MessagePackSerializer.Serialize(new object[] { DateTime.UnixEpoch, 5000 })), StringComparison.Ordinal);
    }

    [Fact]
    public void Get_KeysThatNothingIsFoundBy_SaysWhich()
    {
        byte[] twice = [0x82, 0xa1, (byte)'a', 1, 0xa1, (byte)'a', 2];

        Assert.Contains("Dictionary<string, int>[][0]: the key 'a' came twice.", Unreadable<Dictionary<string, int>[]>([0x91, .. twice]), StringComparison.Ordinal);
        Assert.Contains("the key 'a' came twice.", Unreadable<SortedDictionary<string, int>>(twice), StringComparison.Ordinal);
        Assert.Contains("the key 'a' came twice.", Unreadable<ImmutableDictionary<string, int>>(twice), StringComparison.Ordinal);
        Assert.Contains("object[][0]: the key 'a' came twice.", Unreadable<object[]>([0x91, .. twice]), StringComparison.Ordinal);
        Assert.Contains("nil came as a key.", Unreadable<Dictionary<string, int>>([0x81, 0xc0, 1]), StringComparison.Ordinal);
        Assert.Contains(": as a key 300 does not fit into byte (0 to 255).", Unreadable<Dictionary<byte, int>>([0x81, 0xcd, 1, 0x2c, 1]), StringComparison.Ordinal);
        Assert.Contains("BitArray[0]: the integer 5 came where bool is read.", Unreadable<System.Collections.BitArray>([0x91, 5]), StringComparison.Ordinal);
        Assert.Contains("a key came twice.", Unreadable<ILookup<int, int>>(MessagePack.MessagePackSerializer.ConvertFromJson("[[1,[2]],[1,[3]]]")), StringComparison.Ordinal);
        Assert.Contains("as a key an array of 1 came, and it is no (int, int) (array of 2).", Unreadable<Dictionary<(int, int), int>>([0x81, 0x91, 1, 1]), StringComparison.Ordinal);
        Assert.Contains("as a key the integer 5 came where the name of a member (text) is read.", Unreadable<Line>([0x81, 5, 1]), StringComparison.Ordinal);
    }

    /// <summary>An error must not say "map" of what is none.</summary>
    [Fact]
    public void Form_OfEveryTypeOfTheTable_IsWhatIsOnTheWire() => Assert.Equal(string.Empty, string.Join('\n', ItemTable.All.Where(row => !row.IsRefused).Select(row => (row.Name, Form: WireForm.Of(row.GetType().GenericTypeArguments[0]), Came: row.OnWire()))
        .Where(one => one.Came[0] != MessagePack.MessagePackCode.Nil && KindIn(one.Form) is { } kind && kind != MessagePack.MessagePackCode.ToMessagePackType(one.Came[0])).Select(one => $"{one.Name}: {one.Form}")));

    private static MessagePack.MessagePackType? KindIn(string form) => form.Split(" (", 2) is not [_, var words] ? null
        : words.StartsWith("map", StringComparison.Ordinal) ? MessagePack.MessagePackType.Map
        : words.StartsWith("array", StringComparison.Ordinal) || words.StartsWith('[') ? MessagePack.MessagePackType.Array
        : words.StartsWith("text", StringComparison.Ordinal) ? MessagePack.MessagePackType.String
        : words.StartsWith("bytes", StringComparison.Ordinal) ? MessagePack.MessagePackType.Binary
        : words.StartsWith("integer", StringComparison.Ordinal) ? MessagePack.MessagePackType.Integer
        : words.StartsWith("float", StringComparison.Ordinal) ? MessagePack.MessagePackType.Float
        : words.StartsWith("timestamp", StringComparison.Ordinal) ? MessagePack.MessagePackType.Extension
        : words.StartsWith("nil", StringComparison.Ordinal) ? MessagePack.MessagePackType.Nil
        : null;

    private static string Unreadable<T>(byte[] bytes) => Assert.Throws<ItemSerializationException>(() => Wire.Read<T>(bytes)).Message;

    [Fact]
    public void Get_ItemThatEnds_SaysSo()
    {
        var whole = Wire.Of(new Order { Lines = [new Line(1)] });

        Assert.Contains("the item ends there", Assert.Throws<ItemSerializationException>(() => Wire.Read<Order>(whole[..^1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Get_NumberedMembers_HaveTheirNames() =>
        Assert.Contains("Numbered.Inner.Name: the integer 5 came where string is read.", Assert.Throws<ItemSerializationException>(() => Wire.Read<Numbered>("[[null,5]]")).Message, StringComparison.Ordinal);

    [Fact]
    public void Put_MemberThatCannotBeWritten_SaysWhichOne()
    {
        Refused(new Holder { Items = [new Throwing(false), new Throwing(true)] }, "Holder.Items[1].Text: there is no text yet.");
        Refused(new Holder { Anything = new Throwing(true) }, "Holder.Anything.Text: there is no text yet.");
        Refused(new Holder { Late = () => 1 }, "Holder.Late: Func<int> cannot be sent: it means nothing in another process. Send what it stands for: a name, a number, a record.");
    }

    [Fact]
    public void PutMany_OneThatCannotBeWritten_SaysWhichOneAndHasPutThoseBefore()
    {
        using var queue = IpcQueue.Create<Throwing>();

        var error = Assert.Throws<ItemSerializationException>(() => queue.PutMany([new Throwing(false), new Throwing(false), new Throwing(true), new Throwing(false)]));

        Assert.StartsWith($"Item 2, counted from 0, for queue '{queue.Name}' cannot be serialised as Throwing: Throwing.Text: there is no text yet. This item was not put; those before it were.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public void Put_ObjectThatContainsItself_HasAShortPath()
    {
        var link = new Link();
        link.Next = link;

        using var queue = IpcQueue.Create<Link>();
        var error = Assert.Throws<ItemSerializationException>(() => queue.Put(link));

        Assert.Contains("Link.Next.Next.Next.Next.Next.Next….Next", error.Message, StringComparison.Ordinal);
        Assert.Contains("contains itself", error.Message, StringComparison.Ordinal);
    }

    private static void Refused<T>(T item, string words)
    {
        using var queue = IpcQueue.Create<T>();

        var error = Assert.Throws<ItemSerializationException>(() => queue.Put(item));

        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, queue.Count);
    }

    public sealed record Line(decimal Price);

    public sealed class Checked
    {
        public Checked(int amount)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(amount);
            Amount = amount;
        }

        public int Amount { get; }
    }

    public sealed class Positive : System.Collections.ObjectModel.Collection<int>
    {
        protected override void InsertItem(int index, int item)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(item);
            base.InsertItem(index, item);
        }
    }

    public sealed class Place
    {
        public int X { get; set; }

        public int Y
        {
            get;
            set => field = value >= 0 ? value : throw new MessagePack.MessagePackSerializationException("Y is not negative.");
        }
    }

    public sealed class Order
    {
        public List<Line>? Lines { get; set; }

        public Dictionary<string, Place>? Places { get; set; }

        public byte Small { get; set; }

        public (int, string) Pair { get; set; }

        public DateTime When { get; set; }

        public KeyValuePair<string, int> Named { get; set; }

        public Guid Id { get; set; }

        public IAnimal? Animal { get; set; }

        public char Letter { get; set; }

        public System.Numerics.BigInteger Big { get; set; }

        public DayOfWeek Day { get; set; }

        public int[]? Numbers { get; set; }

        public Checked? Checked { get; set; }

        public Dictionary<int, string>? ByNumber { get; set; }

        public ImmutableDictionary<Guid, string>? ById { get; set; }

        public Version? Version { get; set; }

        public DateOnly On { get; set; }

        public TimeOnly At { get; set; }

        public Uri? Uri { get; set; }

        public Half Half { get; set; }

        public System.Numerics.Complex Complex { get; set; }

        public Int128 Huge { get; set; }

        public int[,]? Grid { get; set; }

        public (int, int, int, int, int, int, int, int, int) Nine { get; set; }

        public byte[][]? Parts { get; set; }

        public Memory<byte>[]? Pieces { get; set; }

        public System.Buffers.ReadOnlySequence<byte> Run { get; set; }

        public Positive? Positive { get; set; }

        public int Count
        {
            get;
            set => field = value >= 0 ? value : throw new InvalidOperationException("Count is not negative.");
        }
    }

    [MessagePack.Union(0, typeof(Cat))]
    public interface IAnimal;

    public sealed class Cat : IAnimal
    {
        public int Lives { get; set; }
    }

    [MessagePack.MessagePackObject]
    public sealed class Numbered
    {
        [MessagePack.Key(0)]
        public NumberedInner? Inner { get; set; }
    }

    [MessagePack.MessagePackObject]
    public sealed class NumberedInner
    {
        [MessagePack.Key(1)]
        public string? Name { get; set; }
    }

    public sealed class Holder
    {
        public List<Throwing> Items { get; set; } = [];

        public object? Anything { get; set; }

        public Func<int>? Late { get; set; }
    }

    public sealed class Throwing(bool throws)
    {
        public Throwing()
            : this(false)
        {
        }

        public string Text
        {
            get => throws ? throw new InvalidOperationException("there is no text yet") : field;
            set;
        } = string.Empty;
    }

    public sealed class Link
    {
        public Link? Next { get; set; }
    }
}
