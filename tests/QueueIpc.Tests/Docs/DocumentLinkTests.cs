using System.Text.RegularExpressions;

namespace QueueIpc.Tests.Docs;

/// <summary>What a document or a comment points at is there.</summary>
public sealed partial class DocumentLinkTests
{
    [Fact]
    public void Documents_EveryLinkToAFileOrASection_LeadsSomewhere()
    {
        foreach (var document in Repository.Documents)
        {
            foreach (var link in Link().Matches(File.ReadAllText(document)).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)))
            {
                var parts = link.Split('#');
                var target = parts[0].Length == 0 ? document : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, parts[0]));
                Assert.True(Path.Exists(target), $"{document} links to {link}");
                Assert.True(parts.Length == 1 || SectionsOf(target).Contains(parts[1]), $"{document} links to {link}");
            }
        }
    }

    [Fact]
    public void Index_EveryPageOfTheDocuments_StandsInIt()
    {
        var linked = Link().Matches(Repository.Read("docs/README.md")).Select(match => match.Groups[1].Value);
        var pages = Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md").Select(Path.GetFileName).Where(page => page != "README.md");

        Assert.Equal(pages.Order(StringComparer.Ordinal), linked.Where(link => link.EndsWith(".md", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Package_ItsReadme_NamesEveryPackage()
    {
        var readme = Repository.Read("src/Package/README.md");
        var packages = Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension);

        Assert.All(packages, package => Assert.Contains($"| `{package}` |", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Sources_EveryDocumentTheyName_IsThere()
    {
        var named = Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => NamedDocument().Matches(File.ReadAllText(file)))
            .Select(match => match.Value)
            .Distinct();

        Assert.All(named, name => Assert.True(File.Exists(Repository.PathOf(name)), $"{name} is named in src and is not there"));
    }

    /// <summary>Headings as they are linked to: lower case, dashes for spaces, no punctuation.</summary>
    private static IEnumerable<string> SectionsOf(string document) => Heading().Matches(File.ReadAllText(document))
        .Select(match => string.Concat(match.Groups[1].Value.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-')).Replace(' ', '-'));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"docs/[\w./-]+\.md")]
    private static partial Regex NamedDocument();
}
