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
    [InlineData("""{"Small":300}""", "Order.Small: the integer 300 came where byte is read.")]
    [InlineData("""{"Small":null}""", "Order.Small: nil came where byte is read.")]
    [InlineData("""{"Pair":[1,true]}""", "Order.Pair.Item2: true came where string is read.")]
    [InlineData("""{"Count":1.5}""", "Order.Count: 1.5 is no integer, or too large for a float to be exact.")]
    [InlineData("""{"Count":-1}""", "Order: Count is not negative.")]
    [InlineData("""{"When":"now"}""", "Order.When: text came where DateTime (timestamp) is read.")]
    [InlineData("""{"Pair":[1]}""", "Order.Pair: an array of 1 came, and it is no (int, string) (array of 2).")]
    [InlineData("""{"Named":[1,2,3]}""", "Order.Named: an array of 3 came, and it is no KeyValuePair<string, int> (array of 2).")]
    [InlineData("""{"Named":7}""", "Order.Named: the integer 7 came where KeyValuePair<string, int> (array of 2) is read.")]
    [InlineData("""{"Id":"not one"}""", "Order.Id: text came, and it is no Guid (text).")]
    [InlineData("""{"Lines":[{"Price":"x"}]}""", "Order.Lines[0].Price: text came, and it is no decimal (text).")]
    [InlineData("""{"Animal":5}""", "Order.Animal: the integer 5 came where IAnimal (array of 2) is read.")]
    [InlineData("""{"Big":"12"}""", "Order.Big: text came where BigInteger (bytes) is read.")]
    [InlineData("""{"Letter":70000}""", "Order.Letter: the integer 70000 came where char (integer) is read.")]
    public void Get_ItemThatDoesNotFit_SaysWhereAndWhatCame(string json, string words)
    {
        var error = Assert.Throws<ItemSerializationException>(() => Wire.Read<Order>(json));

        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Resolver", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("msgpack code", error.Message, StringComparison.Ordinal);
    }

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

    public sealed class Place
    {
        public int X { get; set; }
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
