using System.Globalization;
using System.Text.RegularExpressions;

namespace QueueIpc.Tests.Docs;

/// <summary>docs/guarantees.md promises nothing that no test shows.</summary>
public sealed partial class GuaranteesDocumentTests
{
    private static readonly string Document = Repository.Read("docs/guarantees.md");

    [Fact]
    public void Cases_NamedInTheDocument_HaveTests()
    {
        var tested = TestCode.Methods.Select(name => CaseTest().Match(name)).Where(match => match.Success).Select(NumberOf).ToHashSet();

        var missing = CaseName().Matches(Document).Select(NumberOf).Distinct().Where(number => !tested.Contains(number)).Order();

        Assert.True(!missing.Any(), $"No test method begins with: {string.Join(", ", missing.Select(number => $"Case{number}_"))}");
    }

    [Fact]
    public void Guarantees_EverySentenceAndRow_NamesATestThatIsThere()
    {
        var promises = Document[..Document.IndexOf("## What is not guaranteed", StringComparison.Ordinal)].Split('\n')
            .Where(line => line.StartsWith("- ", StringComparison.Ordinal) || (line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| who ends", StringComparison.Ordinal)))
            .ToArray();

        Assert.True(promises.Length > 30);
        Assert.All(promises, promise => Assert.True(CaseName().IsMatch(promise) || TestName().IsMatch(promise), $"No test is named for: {promise}"));
        Assert.All(TestName().Matches(Document), named => Assert.Contains(named.Groups[1].Value, TestCode.Methods));
    }

    [Fact]
    public void TestClasses_NamedInTheDocument_AreThere()
    {
        var named = TestClass().Matches(Document).Select(match => match.Groups[1].Value).Distinct().ToArray();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, TestCode.Classes));
    }

    private static int NumberOf(Match match) => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"`Case0*(\d+)`")]
    private static partial Regex CaseName();

    [GeneratedRegex(@"`(\w+_\w+_\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"`(\w+Tests)`")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"^Case0*(\d+)_")]
    private static partial Regex CaseTest();
}
