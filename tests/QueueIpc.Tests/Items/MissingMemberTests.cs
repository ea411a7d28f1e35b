using System.Runtime.Serialization;

namespace QueueIpc.Tests.Items;

/// <summary>Two versions of a type on one queue: what is unknown is skipped, what is missing takes its default, and what has none is an error with a name.</summary>
public sealed class MissingMemberTests
{
    [Fact]
    public void Read_UnknownMembers_AreSkipped() => Assert.Equal(new One(7), Wire.Read<One>("""{"New":{"a":[1]},"Id":7,"Name":"x"}"""));

    [Fact]
    public void Read_MissingMemberWithADefault_TakesIt()
    {
        Assert.Equal(new Defaulted(7), Wire.Read<Defaulted>("""{"Id":7}"""));
        Assert.Equal(new DefaultedStruct(7), Wire.Read<DefaultedStruct>("""{"Id":7}"""));
        Assert.Equal((3, "new"), Wire.Read<Initialised>("""{"Id":3}""") is var got ? (got.Id, got.State) : default);
        Assert.Equal((0, 1), Wire.Read<Convenient>("""{"Name":"a"}""") is var convenient ? (convenient.Id, convenient.Made) : default);
    }

    [Fact]
    public void Read_MissingMemberWithoutDefault_IsAnErrorThatNamesIt()
    {
        Unreadable<One>("{}", "One needs 'Id', which did not come and has no default.");
        Unreadable<Renamed>("""{"Id":7,"Name":"x"}""", "Renamed needs 'Title', which did not come and has no default.");
        Unreadable<Required>("""{"Note":"x"}""", "Required needs 'Id', which did not come and has no default.");
        Unreadable<Spot>("""{"X":1}""", "Spot needs 'Y', which did not come and has no default.");
    }

    [Fact]
    public void Read_MissingMemberOfAContractThatDemandsIt_IsAnErrorThatNamesIt()
    {
        Unreadable<Demanding>("""{"Note":"a"}""", "Demanding needs 'Id', which did not come and has no default.");
        Unreadable<DemandingRecord>("{}", "DemandingRecord needs 'Id', which did not come and has no default.");
        Unreadable<DemandingByNumber>("[]", "DemandingByNumber needs 'Id', which did not come and has no default.");
        Unreadable<DemandingPlain>("{}", "DemandingPlain needs 'Id', which did not come and has no default.");
        Assert.Equal((1, null), Wire.Read<Demanding>("""{"Id":1}""") is var got ? (got.Id, got.Note) : default);
    }

    [Fact]
    public void Read_NameThatDiffersInCaseOnly_IsNamedAsWell() => Unreadable<One>("""{"id":7}""", "One needs 'Id', which did not come and has no default. 'id' came, and the case counts.");

    [Fact]
    public void Read_MissingInside_HasItsPath() =>
        Unreadable<Outer>("""{"Ones":[{"Id":1},{"id":2}]}""", "Outer.Ones[1]: One needs 'Id', which did not come and has no default. 'id' came, and the case counts.");

    [Fact]
    public void Read_ConstructorThatSetsRequiredMembers_NeedsNone() => Assert.Equal(5, Wire.Read<SetsRequired>("{}").Id);

    /// <summary>The last row of "When an item's type changes" in docs/items.md.</summary>
    [Fact]
    public void Read_MemberOfAnotherType_IsReadWhereItsFormFits()
    {
        Assert.Equal(7, Wire.Read<Has<long>>(Wire.Of(new Has<int>(7))).Value);
        Assert.Equal(7, Wire.Read<Has<decimal>>(Wire.Of(new Has<int>(7))).Value);
        Assert.Equal(7, Wire.Read<Has<int?>>(Wire.Of(new Has<int>(7))).Value);
        Assert.Equal(7, Wire.Read<Has<int>>(Wire.Of(new Has<int?>(7))).Value);
        Assert.Contains("Has<int>.Value: text came where int is read", Assert.Throws<ItemSerializationException>(() => Wire.Read<Has<int>>(Wire.Of(new Has<string>("7")))).Message, StringComparison.Ordinal);
        Assert.Contains("Has<int>.Value: 5000000000 does not fit into int (-2147483648 to 2147483647).", Assert.Throws<ItemSerializationException>(() => Wire.Read<Has<int>>(Wire.Of(new Has<long>(5_000_000_000)))).Message, StringComparison.Ordinal);
    }

    private static void Unreadable<T>(string json, string words) => Assert.Contains(words, Assert.Throws<ItemSerializationException>(() => Wire.Read<T>(json)).Message, StringComparison.Ordinal);

    public sealed record One(int Id);

    [DataContract]
    public sealed class Demanding
    {
        [DataMember(IsRequired = true)]
        public int Id { get; set; } = 5;

        [DataMember]
        public string? Note { get; set; }
    }

    [DataContract]
    public sealed record DemandingRecord([property: DataMember(IsRequired = true)] int Id = 5);

    [DataContract]
    public sealed class DemandingByNumber
    {
        [DataMember(IsRequired = true, Order = 0)]
        public int Id { get; set; }
    }

    public sealed class DemandingPlain
    {
        [DataMember(IsRequired = true)]
        public int Id { get; set; }
    }

    public sealed record Has<T>(T Value);

    public sealed record Renamed(int Id, string Title);

    public sealed record Outer(List<One> Ones);

    public readonly record struct Spot(int X, int Y);

    public sealed record Defaulted(int Id, int Retries = 3, string? Note = "none", DayOfWeek Day = DayOfWeek.Friday, DayOfWeek? Perhaps = DayOfWeek.Monday, decimal Price = 1.5m, Guid Key = default, int? Level = 4);

    public readonly record struct DefaultedStruct(int Id, int Retries = 3);

    public sealed class Initialised
    {
        public int Id { get; init; }

        public string State { get; set; } = "new";
    }

    public sealed class Required
    {
        public required int Id { get; init; }

        public string? Note { get; init; }
    }

    public sealed class Convenient
    {
        public Convenient() => Made = 1;

        public Convenient(int id, string name) => (Id, Name) = (id, name);

        public int Id { get; set; }

        public string Name { get; set; } = string.Empty;

        public int Made { get; set; }

        public string Title => $"{Id} {Name}";
    }

    public sealed class SetsRequired
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public SetsRequired() => Id = 5;

        public required int Id { get; init; }
    }
}
