using System.Reflection;

namespace QueueIpc.Tests.Items;

/// <summary>More than a hundred types: each arrives equal, also when another library writes it again, or is refused by Put.</summary>
public sealed class ItemTableTests
{
    /// <summary>What each type was on the wire before objects were written by this library: programs of then and now share queues.</summary>
    private static readonly Dictionary<string, string> BytesOfThen = ReadBytes();

    [Fact]
    public void Table_IsLong() => Assert.InRange(ItemTable.All.Select(row => row.Name).Distinct().Count(), 120, int.MaxValue);

    [Fact]
    public void Put_EveryType_ArrivesEqualOrIsRefused() => AssertNone(Failures(row => row.IsRefused ? Refusal(row) : Arrival(row, bytes => bytes)));

    [Fact]
    public void Get_EveryTypeWrittenAgainByOthers_ArrivesEqual() =>
        AssertNone(Failures(row => row.IsRefused ? null : Arrival(row, OtherWriter.Shortest) ?? Arrival(row, OtherWriter.AsJavaScript)));

    [Fact]
    public void Put_TypesThatWereRight_HaveTheBytesThatTheyHad() => AssertNone(Failures(row =>
        row.IsRefused || !BytesOfThen.TryGetValue(row.Name, out var then) || Convert.ToHexStringLower(row.OnWire()) is var now && now == then ? null : $"{now} instead of {then}"));

    private static void AssertNone(string failures) => Assert.True(failures.Length == 0, failures);

    private static string Failures(Func<ItemTableRow, string?> check) => string.Join('\n', ItemTable.All.Select(row =>
    {
        try
        {
            return (row.Name, Problem: check(row));
        }
        catch (Exception e)
        {
            return (row.Name, Problem: e.Message);
        }
    }).Where(one => one.Problem is not null).Select(one => $"{one.Name}: {one.Problem}"));

    private static string? Arrival(ItemTableRow row, Func<byte[], byte[]> again)
    {
        var bytes = again(row.OnWire());
        return row.IsReadFrom(bytes) ? null : $"arrives changed from {Convert.ToHexStringLower(bytes)}";
    }

    private static string? Refusal(ItemTableRow row)
    {
        try
        {
            return $"is put as {Wire.Json(row.OnWire())}";
        }
        catch (ItemSerializationException e)
        {
            return e.Message.Contains("Resolver", StringComparison.Ordinal) || e.Message.Contains("Formatter", StringComparison.Ordinal) ? $"names an inner class: {e.Message}" : null;
        }
    }

    private static Dictionary<string, string> ReadBytes()
    {
        using var text = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("ItemTable.txt")!);
        return text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToDictionary(parts => parts[0], parts => parts[1]);
    }
}
