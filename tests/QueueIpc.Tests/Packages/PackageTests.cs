using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Packages;

/// <summary>The packages as a user gets them: from a feed, into a project that knows nothing of this repository.</summary>
public sealed class PackageTests(PackageFeed feed) : IClassFixture<PackageFeed>
{
    [Fact]
    public void Pack_EveryPackage_HasAllThatBelongsToOne()
    {
        var packages = feed.Packages;

        Assert.Subset(packages.Select(package => package.Id).ToHashSet(), new HashSet<string> { "QueueIpc", "QueueIpc.Core" });
        Assert.Single(packages.Select(package => package.Version).Distinct());
        Assert.All(packages, package =>
        {
            Assert.Equal(("MIT", "README.md", "icon.png"), (package["license"], package["readme"], package["icon"]));
            Assert.Superset(new HashSet<string> { "README.md", "icon.png", "LICENSE" }, package.Entries.ToHashSet());
            Assert.False(string.IsNullOrWhiteSpace(package["description"]));
            var folder = package.IsTool ? "tools/net10.0/any" : "lib/net10.0";
            Assert.Contains($"{folder}/{package.Id}.dll", package.Entries);
            Assert.Contains($"{folder}/{package.Id}.pdb", package.SymbolEntries);
            if (!package.IsTool)
            {
                Assert.Contains($"{folder}/{package.Id}.xml", package.Entries);
            }
        });
    }

    [Fact]
    public void Readme_ShortestProgram_RunsWithThePackage()
    {
        var shortest = Snippet.In(Repository.PathOf("README.md"))[0];
        using var program = OutsideProjectOf(shortest.Code);
        program.RunDotnet("add", "package", "QueueIpc", "--no-restore", "--version", feed.Packages.Single(package => package.Id == "QueueIpc").Version);
        program.Build();

        Assert.Contains("数据 4", shortest.Output);
        Assert.Equal(shortest.Output, program.RunBuilt());
    }

    /// <summary>It gets the packages from the feed and nowhere else: a folder of its own has what it has downloaded.</summary>
    private OutsideProject OutsideProjectOf(string code)
    {
        var project = new OutsideProject(code);
        project.SetEnvironment("NUGET_PACKAGES", project.PathOf("packages"));
        File.WriteAllText(project.PathOf("nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="queueipc" value="{feed.Folder}" />
              </packageSources>
            </configuration>
            """);
        return project;
    }
}
