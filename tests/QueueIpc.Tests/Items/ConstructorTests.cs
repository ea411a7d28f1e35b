using System.Runtime.Serialization;
using MessagePack;

namespace QueueIpc.Tests.Items;

/// <summary>Which constructor makes an object again, and what it is given; and properties of which a class overrides one half.</summary>
public sealed class ConstructorTests
{
    private static readonly Guid Id = Guid.Parse("97c7d5ca-9738-400f-bab5-0b1ffbf3045f");
    private static readonly DateTimeOffset At = new(2026, 11, 28, 10, 0, 0, TimeSpan.FromHours(2));

    [Fact]
    public void Trip_ParameterThatMayBeNull_OfAPropertyThatMayNot_GetsTheValue()
    {
        Assert.Equal((At, Id, 4m, 7, true, DayOfWeek.Friday), Wire.Trip(new Message(At, Id, 4m, 7, true, DayOfWeek.Friday)).All);
        Assert.Equal((1, 2, 3), Wire.Trip(new Placed(new Spot2(1, 2), 3)) is var got ? (got.At.X, got.At.Y, got.Q) : default);
        Assert.Equal(5, Wire.Trip(new Init(5)).X);
        Assert.Equal(6, Wire.Trip(new NumberedMaybe(6)).A);
        Assert.Equal(Id, Wire.Trip(new ContractMaybe(Id)).A);
    }

    [Fact]
    public void Read_ParameterThatMayBeNull_AndTheItemHasNone_IsNull() => Assert.Equal((-1, true), Wire.Read<Sized>("{}") is var got ? (got.Size, got.WasNull) : default);

    [Fact]
    public void Trip_NamesThatDifferInTheirCaseAlone_GoToTheirOwnParameters() => Assert.Equal((1, 2), Wire.Trip(new TwoIds(1, 2)) is var got ? (got.Id, got.ID) : default);

    [Fact]
    public void Trip_ConstructorWithMoreThatIsOptional_IsTakenBeforeOneThatLosesAMember()
    {
        Assert.Equal(("p", 9), Wire.Trip(new Download("p", 9)) is var got ? (got.Path, got.Retries) : default);
        Assert.Equal(("p", 9), Wire.Trip(InternallyFull.Of("p", 9)) is var full ? (full.Path, full.Retries) : default);
        Assert.Equal(3, Wire.Trip(new OnlyWithLabel(3)).A);
    }

    [Fact]
    public void Trip_ParameterPassedByItsPlace_GetsTheValue()
    {
        Assert.Equal((1, 2, 4), Wire.Trip(new Entity(new Spot2(1, 2), 4)) is var got ? (got.P.X, got.P.Y, got.R) : default);
        Assert.Equal(("a", 2m), Wire.Trip(new InOnly("a", 2)) is var only ? (only.Name, only.Price) : default);
        Assert.Equal((0, 1), Wire.Trip(new EntityOrNone(new Spot2(0, 1))) is var none ? (none.P.X, none.P.Y) : default);
    }

    [Fact]
    public void Trip_OverrideOfOneHalf_HasTheOtherFromItsBase()
    {
        Assert.Equal((4, 2), Wire.Trip(new CheckedSetter { X = 4, Y = 2 }) is var got ? (got.X, got.Y) : default);
        Assert.Contains("no negative", Assert.Throws<ItemSerializationException>(() => Wire.Read<CheckedSetter>("""{"X":-1}""")).Message, StringComparison.Ordinal);
        Assert.Equal(5, Wire.Trip(new GetterOnly { X = 5 }).X);
        Assert.Equal(("ABC", 1), Wire.Trip(new Upper { Name = "abc", Z = 1 }) is var upper ? (upper.Name, upper.Z) : default);
        Assert.Equal("x", Wire.Trip(new Half { Value = "x" }).Value);
    }

    [Fact]
    public void Put_KeyBelowZero_IsRefusedInWords() =>
        Assert.Contains("'A' has the key -1, and the first is 0", Assert.Throws<ItemSerializationException>(() => Wire.Of(new BelowZero())).Message, StringComparison.Ordinal);

    [Fact]
    public void Put_CollectionThatNobodyElseCanMake_IsRefusedInWords()
    {
        Assert.All(
            [Refusal(Inside.Of(1)), Refusal(InsideSet.Of("a")), Refusal<SomeList>(new SomeListOfMine { 1 })],
            words => Assert.Contains("cannot be sent: it has no public constructor without parameters", words, StringComparison.Ordinal));

        static string Refusal<T>(T item) => Assert.Throws<ItemSerializationException>(() => Wire.Of(item)).Message;
    }

    public sealed class Inside : List<int>
    {
        private Inside()
        {
        }

        public static Inside Of(int element) => [element];
    }

    public sealed class InsideSet : HashSet<string>
    {
        internal InsideSet()
        {
        }

        public static InsideSet Of(string element) => [element];
    }

    public abstract class SomeList : List<int>;

    public sealed class SomeListOfMine : SomeList;

    public sealed class Message(DateTimeOffset? at = null, Guid? id = null, decimal? price = null, int? count = null, bool? isOn = null, DayOfWeek? day = null)
    {
        public DateTimeOffset At { get; } = at ?? DateTimeOffset.UtcNow;

        public Guid Id { get; } = id ?? Guid.NewGuid();

        public decimal Price { get; } = price ?? -1;

        public int Count { get; } = count ?? -1;

        public bool IsOn { get; } = isOn ?? false;

        public DayOfWeek Day { get; } = day ?? DayOfWeek.Monday;

        [IgnoreMember]
        public (DateTimeOffset, Guid, decimal, int, bool, DayOfWeek) All => (At, Id, Price, Count, IsOn, Day);
    }

    public readonly record struct Spot2(int X, int Y);

    public readonly struct Placed(Spot2? at, int q)
    {
        public Spot2 At { get; } = at ?? default;

        public int Q { get; } = q;
    }

    public sealed class Init(int? x)
    {
        public int X { get; init; } = x ?? -1;
    }

    [MessagePackObject]
    public sealed class NumberedMaybe(int? a)
    {
        [Key(0)]
        public int A { get; } = a ?? -1;
    }

    [DataContract]
    public sealed class ContractMaybe(Guid? a)
    {
        [DataMember]
        public Guid A { get; } = a ?? Guid.NewGuid();
    }

    public sealed class Sized(int? size = null)
    {
        public int Size { get; } = size ?? -1;

        [IgnoreMember]
        public bool WasNull { get; } = size is null;
    }

#pragma warning disable CA1708 // Programs have such names.
    public sealed class TwoIds
    {
        public TwoIds(int id, int ID) => (Id, this.ID) = (id, ID);

        public int ID { get; }

        public int Id { get; }
    }
#pragma warning restore CA1708

    public sealed class Download
    {
        public Download(string path)
            : this(path, 3)
        {
        }

        public Download(string path, int retries, CancellationToken ct = default)
        {
            (Path, Retries) = (path, retries);
            ct.ThrowIfCancellationRequested();
        }

        public string Path { get; }

        public int Retries { get; }
    }

    public sealed class InternallyFull
    {
        public InternallyFull(string path) => Path = path;

        internal InternallyFull(string path, int retries) => (Path, Retries) = (path, retries);

        public string Path { get; }

        public int Retries { get; }

        public static InternallyFull Of(string path, int retries) => new(path, retries);
    }

    public sealed class OnlyWithLabel(int a, string label = "none")
    {
        public int A { get; } = label.Length == 4 ? a : -1;
    }

    public readonly struct Entity
    {
        public Entity(in Spot2 p, int r) => (P, R) = (p, r);

        public Spot2 P { get; }

        public int R { get; }
    }

    public sealed class InOnly(in string name, in decimal price)
    {
        public string Name { get; } = name;

        public decimal Price { get; } = price;
    }

    public sealed class EntityOrNone
    {
        public EntityOrNone()
        {
        }

        public EntityOrNone(in Spot2 p) => P = p;

        public int A { get; set; }

        public Spot2 P { get; }
    }

    public class Both
    {
        public virtual int X { get; set; }

        public int Y { get; set; }
    }

    public sealed class CheckedSetter : Both
    {
        public override int X
        {
            set => base.X = value >= 0 ? value : throw new ArgumentException("no negative");
        }
    }

    public sealed class GetterOnly : Both
    {
        public override int X => base.X;
    }

    public record Named
    {
        public virtual string? Name { get; init; }

        public int Z { get; init; }
    }

    public sealed record Upper : Named
    {
        public override string? Name => base.Name?.ToUpperInvariant();
    }

    public abstract class Held<T>
    {
        public virtual T? Value { get; set; }
    }

    public sealed class Half : Held<string>
    {
        public override string? Value => base.Value ?? "none";
    }

    [MessagePackObject]
    public sealed class BelowZero
    {
        [Key(-1)]
        public int A { get; set; }
    }
}
