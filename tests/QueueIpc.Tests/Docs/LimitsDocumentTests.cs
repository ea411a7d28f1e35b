using System.Globalization;
using System.Text.RegularExpressions;

namespace QueueIpc.Tests.Docs;

/// <summary>docs/limits.md against the code.</summary>
public sealed partial class LimitsDocumentTests
{
    private static readonly string Document = Repository.Read("docs/limits.md");

    [Fact]
    public void Options_ThatAreLimits_AllStandInTheDocumentWithTheirDefaults()
    {
        var options = new QueueBrokerOptions();
        var inCode = typeof(QueueBrokerOptions).GetProperties()
            .Where(property => property.Name.StartsWith("Max", StringComparison.Ordinal) || property.PropertyType == typeof(TimeSpan))
            .Select(property => (property.Name, Default: Describe(property.GetValue(options)!)));

        var inDocument = OptionRow().Matches(Document).Select(row => (row.Groups[1].Value, row.Groups[2].Value));

        Assert.Equal(inCode.Order(), inDocument.Order());
    }

    [Fact]
    public void Limits_Each_HaveATestThatExists()
    {
        var rows = Row().Matches(Document).Select(row => row.Value).Where(row => !row.StartsWith("|---", StringComparison.Ordinal) && !row.StartsWith("| limit", StringComparison.Ordinal)).ToArray();

        Assert.True(rows.Length >= 20);
        Assert.All(rows, row =>
        {
            var named = TestName().Matches(row.Split('|')[^2]).Select(name => name.Groups[1].Value).ToArray();
            Assert.NotEmpty(named);
            Assert.All(named, name => Assert.Contains(name, TestCode.Methods));
        });
    }

    private static string Describe(object value) => value is TimeSpan time
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s")
        : string.Create(CultureInfo.InvariantCulture, $"{Convert.ToInt64(value, CultureInfo.InvariantCulture):N0}");

    [GeneratedRegex(@"^\| `(Max\w+|\w+Timeout)` \| ([^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex(@"^\|.*\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex TestName();
}
