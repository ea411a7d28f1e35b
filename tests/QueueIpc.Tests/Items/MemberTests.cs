using System.Runtime.Serialization;
using MessagePack;

namespace QueueIpc.Tests.Items;

/// <summary>What of a class is on the wire: its public properties that can be set again and its public fields, whatever the class itself is; with attributes, what they say.</summary>
public sealed class MemberTests
{
    [Fact]
    public void Put_PrivateMembers_AreNotOnTheWire()
    {
        var bytes = Wire.Of(new Login("secret") { Name = "a" });

        Assert.Equal("""{"Name":"a"}""", Wire.Json(bytes));
    }

    [Fact]
    public void Put_PropertiesThatAreWrittenOut_AreSentOnceAndSetByTheirSetters()
    {
        Assert.Equal("""{"Count":3}""", Wire.Json(Wire.Of(new Written { Count = 3 })));
        Assert.Equal(4, Wire.Read<Written>("""{"Count":4,"_count":3}""").Count);
        Assert.Contains("not negative", Assert.Throws<ItemSerializationException>(() => Wire.Read<Written>("""{"Count":-1}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Put_PrivateFieldsThatNobodyCouldSend_AreNoObstacle() => Assert.Equal(7, Wire.Trip(new Working { Id = 7 }).Id);

    [Fact]
    public void Trip_PrivateSetters_AlsoOfABaseClass_AreUsed()
    {
        var got = Wire.Trip(new Derived(3, 4) { Own = 5 });

        Assert.Equal((3, 4, 5), (got.Inherited, got.InheritedInit, got.Own));
        Assert.Equal(3, Wire.Trip(Numbered.Of(3)).Number);
        Assert.Equal(3, Wire.Trip(NumberedInside.Of(3)).Number);
    }

    [Fact]
    public void Trip_PrivateMemberWithAKey_Travels() => Assert.Equal(9, Wire.Trip(new Keyed(9)).Number());

    [Fact]
    public void Trip_PrivateConstructor_IsUsedWhenThereIsNoOther() => Assert.Equal(2, Wire.Trip(Factory.Make(2)).Size);

    [Fact]
    public void Trip_ClassesThatAreNotPublic_WithAttributes_Arrive()
    {
        Assert.Equal(new Hidden(1, "a"), Wire.Trip(new Hidden(1, "a")));
        Assert.Equal(new HiddenByName(1, "a"), Wire.Trip(new HiddenByName(1, "a")));
        Assert.Equal(5, Wire.Trip(new HiddenContract { Number = 5, Ignored = 6 }) is { Ignored: 0 } got ? got.Number : -1);
        Assert.Equal(new HiddenCircle(2), Wire.Trip<IHiddenShape>(new HiddenCircle(2)));
    }

    [Fact]
    public void Trip_FieldsStructsAndAnonymousTypes_Arrive()
    {
        Assert.Equal((1, 2), Wire.Trip(new Fields(2) { X = 1 }) is var got ? (got.X, got.Y) : default);
        Assert.Equal(new Spot(1, 2), Wire.Trip(new Spot(1, 2)));
        Assert.Equal(new { Id = 1, Name = "a" }, Wire.Trip(new { Id = 1, Name = "a" }));
    }

    [Fact]
    public void Trip_HiddenAndOverriddenProperties_ArriveEach()
    {
        var got = Wire.Trip(new Hiding { Name = 5, Kind = "k" });

        Assert.Equal((5, "k"), (got.Name, got.Kind));
    }

    [Fact]
    public void Trip_CallbacksOfMessagePack_AreCalled() => Assert.Equal(12, Wire.Trip(new Calling { Value = 10 }).Value);

    [Fact]
    public void Put_WhatHasNothingThatCouldBeSetAgain_IsRefusedInWords()
    {
        Refused(new Counter(), "Counter cannot be sent: nothing of it could be set again");
        Refused(new Money(5), "Money cannot be sent: nothing of it could be set again");
        Refused(new OnlyByParts(5), "OnlyByParts cannot be sent: it has no constructor that can be called again");
        Refused<IFormattable>(5, "IFormattable cannot be sent: it is abstract");
        Refused(new Holder<Action>(() => { }), "Holder<Action>.Value: Action cannot be sent: it means nothing in another process");
        Assert.Equal(new Memberless(), Wire.Trip(new Memberless()));
    }

    [Fact]
    public void Put_ObjectThatIsNoneOfAUnion_IsRefused()
    {
        Refused<IHiddenShape>(new HiddenSquare(), "HiddenSquare is none of the [Union] cases of IHiddenShape");
        using var shapes = IpcQueue.Create<IHiddenShape>();
        using var raw = IpcQueue.Open<byte[]>(shapes.Endpoint, shapes.Name);
        raw.Put([0x92, 7, 0x91, 0]);

        Assert.Contains("IHiddenShape has no [Union] case 7", Assert.Throws<ItemSerializationException>(() => shapes.Get()).Message, StringComparison.Ordinal);
    }

    private static void Refused<T>(T item, string words)
    {
        using var queue = IpcQueue.Create<T>();

        var error = Assert.Throws<ItemSerializationException>(() => queue.Put(item));

        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, queue.Count);
    }

    public sealed class Login(string password)
    {
        private readonly string _password = password;

        public Login()
            : this("none")
        {
        }

        public string Name { get; set; } = string.Empty;

        public bool Opens(string password) => password == _password;
    }

    public sealed class Written
    {
        private int _count;

        public int Count
        {
            get => _count;
            set => _count = value >= 0 ? value : throw new ArgumentException("A count is not negative.");
        }
    }

    public sealed class Working
    {
        private readonly Random _random = new(1);
        private readonly Lock _lock = new();
        private readonly Func<int> _next;

        public Working() => _next = () => _random.Next();

        public int Id { get; set; }

        public int Next()
        {
            lock (_lock)
            {
                return _next();
            }
        }
    }

    public class Base
    {
        public int Inherited { get; private set; }

        public int InheritedInit { get; private init; }

        protected void Set(int value) => Inherited = value;
    }

    public sealed class Derived : Base
    {
        public Derived()
        {
        }

        public Derived(int first, int second)
        {
            Set(first);
            typeof(Base).GetProperty(nameof(InheritedInit))!.SetValue(this, second);
        }

        public int Own { get; init; }
    }

    [MessagePackObject]
    public sealed class Numbered
    {
        [Key(0)]
        public int Number { get; private set; }

        public static Numbered Of(int number) => new() { Number = number };
    }

    [MessagePackObject]
    internal sealed class NumberedInside
    {
        [Key(0)]
        public int Number { get; private set; }

        public static NumberedInside Of(int number) => new() { Number = number };
    }

    [MessagePackObject]
    public sealed class Keyed
    {
        [Key(0)]
        private readonly int _number;

        public Keyed(int number) => _number = number;

        public int Number() => _number;
    }

    public sealed class Factory
    {
        private Factory(int size) => Size = size;

        public int Size { get; }

        public static Factory Make(int size) => new(size);
    }

    [MessagePackObject]
    internal sealed record Hidden([property: Key(0)] int Id, [property: Key(2)] string Name);

    [MessagePackObject(keyAsPropertyName: true)]
    internal sealed record HiddenByName(int Id, string Name);

    [DataContract]
    internal sealed class HiddenContract
    {
        [DataMember(Name = "n")]
        public int Number { get; set; }

        public int Ignored { get; set; }
    }

    [Union(0, typeof(HiddenCircle))]
    internal interface IHiddenShape
    {
    }

    [MessagePackObject]
    internal sealed record HiddenCircle([property: Key(0)] double Radius) : IHiddenShape;

    internal sealed record HiddenSquare : IHiddenShape;

    internal sealed class Fields(int y)
    {
        public readonly int Y = y;
        public int X;
    }

    public readonly record struct Spot(int X, int Y);

    public class Named
    {
        public string Name { get; set; } = string.Empty;

        public virtual string Kind { get; set; } = string.Empty;
    }

    public sealed class Hiding : Named
    {
        public new int Name { get; set; }

        public override string Kind { get; set; } = string.Empty;
    }

    public sealed class Calling : IMessagePackSerializationCallbackReceiver
    {
        public int Value { get; set; }

        public void OnBeforeSerialize() => Value++;

        public void OnAfterDeserialize() => Value++;
    }

    public sealed class Counter
    {
        private int _times;

        public int Times => _times;

        public void Count() => _times++;
    }

    public readonly struct Money(int cents)
    {
        private readonly int _cents = cents;

        public int Euros => _cents / 100;
    }

    public sealed class OnlyByParts(int parts)
    {
        private readonly int _half = parts / 2;

        public int Whole => _half * 2;
    }

    public sealed record Memberless;

    public sealed record Holder<T>(T Value);
}
