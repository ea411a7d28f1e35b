using System.Numerics;

namespace QueueIpc.Languages.Tests.Items;

public sealed record Point(int X, int Y);

/// <summary>The rows of the table in docs/items.md.</summary>
internal static class ItemRows
{
    private static readonly DateTime EndOfDay = new DateTime(2026, 11, 28, 23, 59, 59, DateTimeKind.Utc).AddTicks(9_999_999);

    public static IReadOnlyList<ItemRow> All { get; } =
    [
        new ItemRow<int>("`int` 5", 5) { PythonType = "int" },
        new ItemRow<long>("`long` 2^53 + 1", (1L << 53) + 1) { PythonType = "int" },
        new ItemRow<ulong>("`ulong`, the largest", ulong.MaxValue) { PythonType = "int" },
        new ItemRow<double>("`double` 1.5", 1.5) { PythonType = "float" },
        new ItemRow<double>("`double` -0.0", -0.0) { PythonType = "float" },
        new ItemRow<Half>("`Half` 0.5", (Half)0.5) { PythonType = "float" },
        new ItemRow<bool>("`bool`", true) { PythonType = "bool" },
        new ItemRow<string?>("`string`", "你好") { PythonType = "str" },
        new ItemRow<string?>("null", null) { PythonType = "Optional[str]" },
        new ItemRow<char>("`char` 'A'", 'A') { PythonType = "int", NodeRead = "String.fromCharCode(value)", NodeWrite = "value.charCodeAt(0)" },
        new ItemRow<DayOfWeek>("an enum's 2", DayOfWeek.Tuesday) { PythonType = "int" },
        new ItemRow<decimal>("`decimal` 1.50", 1.50m) { PythonType = "Decimal", NodeWrite = "items.toDecimal(value)" },
        new ItemRow<BigInteger>("`BigInteger` 2^70", BigInteger.Pow(2, 70)) { PythonType = "Annotated[int, BigInteger]", NodeRead = "items.fromBigInteger(value)", NodeWrite = "items.toBigInteger(value)" },
        new ItemRow<Complex>("`Complex`", new Complex(1, 2)) { PythonType = "complex" },
        new ItemRow<Guid>("`Guid`", new Guid("12345678-1234-5678-1234-567812345678")) { PythonType = "UUID" },
        new ItemRow<Uri>("`Uri`", new Uri("http://a/b")) { PythonType = "str" },
        new ItemRow<DateTime>("`DateTime`, whole seconds", new DateTime(2026, 11, 28, 1, 2, 3, DateTimeKind.Utc)) { PythonType = "datetime" },
        new ItemRow<DateTime>("`DateTime`, the last tick of a day", EndOfDay) { PythonType = "datetime" },
        new ItemRow<DateTime>("`DateTime.MaxValue`", DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc)) { PythonType = "datetime" },
        new ItemRow<DateTimeOffset>("`DateTimeOffset` 05:30 +05:30", new DateTimeOffset(2026, 1, 1, 5, 30, 0, new TimeSpan(5, 30, 0)))
        {
            PythonType = "Annotated[datetime, DateTimeOffset]", NodeRead = "items.fromDateTimeOffset(value)", NodeWrite = "items.toDateTimeOffset(value.instant, value.offsetMinutes)",
        },
        new ItemRow<TimeSpan>("`TimeSpan` 1.5 s", TimeSpan.FromSeconds(1.5)) { PythonType = "timedelta", NodeRead = "items.fromTicks(value)", NodeWrite = "items.toTicks(value)" },
        new ItemRow<TimeSpan>("`TimeSpan` 400 days", TimeSpan.FromDays(400)) { PythonType = "timedelta", NodeRead = "items.fromTicks(value)", NodeWrite = "items.toTicks(value)" },
        new ItemRow<DateOnly>("`DateOnly`", new DateOnly(2026, 11, 28)) { PythonType = "date", NodeRead = "items.fromDayNumber(value)", NodeWrite = "items.toDayNumber(value)" },
        new ItemRow<TimeOnly>("`TimeOnly`, the last tick", TimeOnly.MaxValue) { PythonType = "time", NodeRead = "items.fromTimeTicks(value)", NodeWrite = "items.toTimeTicks(value)" },
        new ItemRow<int[]>("`int[]`, `List<int>`", [1, 2]) { PythonType = "list[int]" },
        new ItemRow<HashSet<int>>("`HashSet<int>`", [1, 2]) { PythonType = "set[int]", NodeRead = "new Set(value)" },
        new ItemRow<(int, string)>("a tuple", (1, "a")) { PythonType = "tuple[int, str]" },
        new ItemRow<Dictionary<string, int>>("`Dictionary<string, int>`", new() { ["a"] = 1 }) { PythonType = "dict[str, int]" },
        new ItemRow<Dictionary<int, string>>("`Dictionary<int, string>`", new() { [1] = "a" }) { PythonType = "dict[int, str]" },
        new ItemRow<Dictionary<long, int>>("`Dictionary<long, int>`, 2^53 + 1", new() { [(1L << 53) + 1] = 1 }) { PythonType = "dict[int, int]" },
        new ItemRow<Point>("a record, class or struct", new Point(1, 2)) { PythonType = "Point" },
        new ItemRow<object>("`object` 300", 300) { PythonType = "int" },
    ];
}
