using System.Numerics;

namespace QueueIpc.Languages.Tests.Items;

/// <summary>The rows of the tables in docs/items.md about values of Python and Node.</summary>
internal static class ForeignRows
{
    public static IReadOnlyList<ForeignRow> Python { get; } =
    [
        new ForeignRow<int>("5", "int"),
        new ForeignRow<ulong>("2**64 - 1", "ulong"),
        new ForeignRow<object>("2**64", "any"),
        new ForeignRow<BigInteger>("items.to_big_integer(2**64)", "BigInteger"),
        new ForeignRow<double>("5", "double"),
        new ForeignRow<int>("5.0", "int"),
        new ForeignRow<int>("5.5", "int"),
        new ForeignRow<long>("2.0 ** 54", "long"),
        new ForeignRow<int>("True", "int"),
        new ForeignRow<decimal>("Decimal('1E+3')", "decimal"),
        new ForeignRow<decimal>("5", "decimal"),
        new ForeignRow<byte[][]>("[b'ab', bytearray(b'c')]", "byte[][]"),
        new ForeignRow<string>("b'ab'", "string"),
        new ForeignRow<(int, string)>("(1, 'a')", "(int, string)"),
        new ForeignRow<int[]>("{1}", "int[]"),
        new ForeignRow<int[]>("deque([1, 2])", "int[]"),
        new ForeignRow<object>("range(3)", "any"),
        new ForeignRow<Dictionary<int, string>>("{1: 'a'}", "Dictionary<int, string>"),
        new ForeignRow<Point>("Point(1, 2)", "a record"),
        new ForeignRow<Point>("{'x': 1, 'y': 2}", "a record of X and Y"),
        new ForeignRow<DayOfWeek>("Day.TUESDAY", "an enum"),
        new ForeignRow<DayOfWeek>("Colour.RED", "an enum"),
        new ForeignRow<Guid>("UUID(int=1)", "Guid"),
        new ForeignRow<Guid>("UUID(int=1).bytes", "Guid"),
        new ForeignRow<DateTime>("datetime(2026, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5.5)))", "DateTime"),
        new ForeignRow<DateTime>("datetime(2026, 1, 1)", "DateTime"),
        new ForeignRow<DateTime>("datetime(2026, 1, 1).isoformat()", "DateTime"),
        new ForeignRow<DateTimeOffset>("items.to_date_time_offset(datetime(2026, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5.5))))", "DateTimeOffset"),
        new ForeignRow<DateTimeOffset>("datetime(2026, 1, 1, tzinfo=timezone.utc)", "DateTimeOffset"),
        new ForeignRow<TimeSpan>("timedelta(seconds=1.5)", "TimeSpan"),
        new ForeignRow<TimeSpan>("1500", "TimeSpan"),
        new ForeignRow<DateOnly>("date(2026, 11, 28)", "DateOnly"),
        new ForeignRow<DateOnly>("date(2026, 11, 28).toordinal()", "DateOnly"),
        new ForeignRow<TimeOnly>("time(7, 5)", "TimeOnly"),
    ];

    public static IReadOnlyList<ForeignRow> Node { get; } =
    [
        new ForeignRow<int>("5", "int"),
        new ForeignRow<long>("5_000_000_000", "long"),
        new ForeignRow<long>("2 ** 53", "long"),
        new ForeignRow<long>("2 ** 54", "long"),
        new ForeignRow<double>("2 ** 53", "double"),
        new ForeignRow<long>("2n ** 53n", "long"),
        new ForeignRow<object>("2n ** 64n", "any"),
        new ForeignRow<BigInteger>("items.toBigInteger(2n ** 64n)", "BigInteger"),
        new ForeignRow<double>("-0", "double"),
        new ForeignRow<decimal>("5", "decimal"),
        new ForeignRow<decimal>("items.toDecimal(\"1.50\")", "decimal"),
        new ForeignRow<Point>("{ X: 1, Y: undefined }", "a record"),
        new ForeignRow<Settable>("{ X: 1, Y: undefined }", "a class with setters"),
        new ForeignRow<Point>("{ x: 1, y: 2 }", "a record of X and Y"),
        new ForeignRow<int?[]>("[1, undefined]", "int?[]"),
        new ForeignRow<DateTime>("new Date(Date.UTC(2026, 0, 1))", "DateTime"),
        new ForeignRow<object>("new Date(NaN)", "any"),
        new ForeignRow<DateTime>("new Date(0).toISOString()", "DateTime"),
        new ForeignRow<DateTimeOffset>("new Date(0)", "DateTimeOffset"),
        new ForeignRow<DateTimeOffset>("items.toDateTimeOffset(new Date(0), 330)", "DateTimeOffset"),
        new ForeignRow<TimeSpan>("items.toTicks(1500)", "TimeSpan"),
        new ForeignRow<TimeSpan>("1500", "TimeSpan"),
        new ForeignRow<DateOnly>("items.toDayNumber(\"2026-11-28\")", "DateOnly"),
        new ForeignRow<TimeOnly>("items.toTimeTicks(\"07:05\")", "TimeOnly"),
        new ForeignRow<byte[][]>("[new Uint8Array([1, 2])]", "byte[][]"),
        new ForeignRow<byte[][]>("[new Uint8Array([1, 2]).buffer]", "byte[][]"),
        new ForeignRow<float[]>("new Float32Array([1.5])", "float[]"),
        new ForeignRow<int[]>("new Int32Array([1, 2])", "int[]"),
        new ForeignRow<Dictionary<int, string>>("new Map([[1, \"a\"]])", "Dictionary<int, string>"),
        new ForeignRow<Dictionary<int, string>>("{ 1: \"a\" }", "Dictionary<int, string>"),
        new ForeignRow<HashSet<int>>("new Set([1])", "HashSet<int>"),
        new ForeignRow<Uri>("new URL(\"http://a/\")", "Uri"),
        new ForeignRow<object>("new Error(\"x\")", "any"),
        new ForeignRow<object>("() => 1", "any"),
    ];
}

/// <summary>A class whose members have defaults: those that do not come keep them.</summary>
public sealed class Settable
{
    public int X { get; set; }

    public int Y { get; set; } = 7;

    public override string ToString() => $"X = {X}, Y = {Y}";
}
