using MessagePack;

namespace QueueIpc.Tests.Items;

/// <summary>What an item is after its trip, where it is not quite what it was: one test for each row of the table in docs/items.md.</summary>
public sealed class ItemChangeTests
{
    public sealed class Order
    {
        public List<string> Lines { get; } = ["initial"];

        public List<string> Notes { get; set; } = [];
    }

    public class Animal
    {
        public string Name { get; set; } = string.Empty;
    }

    public sealed class Dog : Animal
    {
        public int Bones { get; set; }
    }

    [Union(0, typeof(Circle))]
    public interface IShape
    {
    }

    [MessagePackObject]
    public sealed record Circle([property: Key(0)] double Radius) : IShape;

    public sealed record Anything(object? Value);

    public sealed record Pair(List<int> First, List<int> Second);

    public class Base
    {
        public int Number { get; set; }
    }

    public sealed class Hiding : Base
    {
        public new int Number { get; set; }

        public int Unseen { private get; set; } = 7;

        public int Seen() => Unseen;
    }

    public sealed class Limited
    {
        private int _value;

        public int Value
        {
            get => _value;
            set => _value = Math.Min(value, Max);
        }

        public int Max { get; set; }
    }

    [Fact]
    public void PropertyThatIsHidden_OrCannotBeRead_ArrivesAsTheConstructorMakesIt()
    {
        var sent = new Hiding { Number = 2, Unseen = 3 };
        ((Base)sent).Number = 1;

        var got = Sent(sent);

        Assert.Equal((2, 0, 7), (got.Number, ((Base)got).Number, got.Seen()));
    }

    [Fact]
    public void SettersThatLookAtEachOther_AreCalledInTheirOrder()
    {
        var got = Sent(new Limited { Max = 10, Value = 8 });

        Assert.Equal((0, 10), (got.Value, got.Max));
    }

    [Theory]
    [InlineData(DateTimeKind.Local)]
    [InlineData(DateTimeKind.Utc)]
    public void DateTime_LocalOrUtc_ArrivesAsTheSameInstantInUtc(DateTimeKind kind)
    {
        var sent = new DateTime(2026, 7, 1, 12, 0, 0, kind);

        var got = Sent(sent);

        Assert.Equal(DateTimeKind.Utc, got.Kind);
        Assert.Equal(sent.ToUniversalTime(), got);
    }

    [Fact]
    public void DateTime_OfNoKind_ArrivesWithTheSameDigitsAsUtc()
    {
        var got = Sent(new DateTime(2026, 7, 1, 12, 0, 0, DateTimeKind.Unspecified));

        Assert.Equal(new DateTime(2026, 7, 1, 12, 0, 0, DateTimeKind.Utc), got);
        Assert.Equal(DateTimeKind.Utc, got.Kind);
    }

    [Fact]
    public void DateTimeOffset_ArrivesAsItWas()
    {
        var sent = new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.FromHours(5.5));

        Assert.True(sent.EqualsExact(Sent(sent)));
    }

    [Fact]
    public void Property_WithoutASetter_ArrivesAsTheConstructorMakesIt()
    {
        var sent = new Order { Notes = { "n" } };
        sent.Lines.Add("added");

        var got = Sent(sent);

        Assert.Equal(["initial"], got.Lines);
        Assert.Equal(["n"], got.Notes);
    }

    [Fact]
    public void DerivedObject_InAQueueOfItsBase_ArrivesAsTheBase()
    {
        var got = Sent<Animal>(new Dog { Name = "Rex", Bones = 3 });

        Assert.Equal(typeof(Animal), got.GetType());
        Assert.Equal("Rex", got.Name);
    }

    [Fact]
    public void DerivedObject_OfAUnion_ArrivesAsItself() => Assert.Equal(new Circle(2), Sent<IShape>(new Circle(2)));

    [Fact]
    public void Object_OfAClass_ArrivesAsADictionaryAndSimpleValuesAsTheyWere()
    {
        var got = Assert.IsType<Dictionary<object, object>>(Sent(new Anything(new Dog { Name = "Rex" })).Value);

        Assert.Equal("Rex", got["Name"]);
        Assert.Equal(5, Sent(new Anything(5)).Value);
        Assert.Equal("text", Sent(new Anything("text")).Value);
    }

    [Fact]
    public void Dictionary_WithItsOwnComparer_ArrivesWithTheUsualOne()
    {
        var sent = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 };

        Assert.True(sent.ContainsKey("A"));
        Assert.False(Sent(sent).ContainsKey("A"));
    }

    [Fact]
    public void ObjectReferredToTwice_ArrivesAsTwo()
    {
        List<int> list = [1];

        var got = Sent(new Pair(list, list));

        Assert.Equal(got.First, got.Second);
        Assert.NotSame(got.First, got.Second);
    }

    [Fact]
    public void Text_WithHalfOfASurrogatePair_ArrivesWithAReplacementCharacter() => Assert.Equal("cut \ufffd", Sent("cut \ud83d"));

    [Fact]
    public void Object_ValuesOfOtherTypes_ArriveAsTheirForm()
    {
        Assert.Equal("1.50", Sent(new Anything(1.50m)).Value);
        Assert.IsType<string>(Sent(new Anything(Guid.Empty)).Value);
        Assert.Equal((ushort)300, Sent(new Anything(new[] { 300 })).Value is object[] items ? items[0] : null);
        Assert.Equal(5L, Convert.ToInt64(Sent(new Anything(TimeSpan.FromTicks(5))).Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(new object[] { "a" }, Sent(new Anything(new List<string> { "a" })).Value);
    }

    private static T Sent<T>(T item)
    {
        using var queue = IpcQueue.Create<T>();
        queue.Put(item);
        return queue.Get();
    }

    [Fact]
    public void Trip_ConstructorThatChangesWhatItIsGiven_ChangesItOnceMore()
    {
        Assert.Equal(12, Wire.Trip(new Doubled(3)).Value);
        Assert.Equal(6, Wire.Trip(new DoubledOnce(3)).Value);
    }

    [Fact]
    public void Trip_AttributesThatKeepAMember_AreObeyed()
    {
        var got = Wire.Trip(new Kept { Ignored = 1, IgnoredData = 2, NotSerialized = 3, NoJson = 4 });

        Assert.Equal((0, 0, 0, 4), (got.Ignored, got.IgnoredData, got.NotSerialized, got.NoJson));
    }

    public sealed class Doubled(int value)
    {
        public int Value { get; } = value * 2;
    }

    public sealed class DoubledOnce
    {
        public DoubledOnce(int half) => Value = half * 2;

        [SerializationConstructor]
        private DoubledOnce(int value, bool isWhole = true) => Value = isWhole ? value : 0;

        public int Value { get; }
    }

    public sealed class Kept
    {
#pragma warning disable CA1051 // A public field travels as well.
        [NonSerialized]
        public int NotSerialized;
#pragma warning restore CA1051

        [IgnoreMember]
        public int Ignored { get; set; }

        [System.Runtime.Serialization.IgnoreDataMember]
        public int IgnoredData { get; set; }

        [System.Text.Json.Serialization.JsonIgnore]
        public int NoJson { get; set; }
    }
}
