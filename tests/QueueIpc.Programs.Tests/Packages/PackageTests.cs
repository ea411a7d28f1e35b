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

        var projects = Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(projects.Order(StringComparer.Ordinal), packages.Select(package => package.Id).Order(StringComparer.Ordinal));
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
        program.RunDotnet("add", "package", "QueueIpc", "--no-restore", "--version", VersionOf("QueueIpc"));
        program.Build();

        Assert.Contains("got item 4", shortest.Output);
        Assert.Equal(shortest.Output, program.RunBuilt());
    }

    [Fact]
    public void Tool_InstalledFromThePackage_PutsAndGetsAtAnyBroker()
    {
        using var place = OutsideProjectOf(string.Empty);
        using var broker = QueueBroker.Start();
        place.SetEnvironment(QueueClient.EndpointVariable, broker.Endpoint);
        place.RunDotnet("tool", "install", "QueueIpc.Cli", "--tool-path", "tools", "--version", VersionOf("QueueIpc.Cli"));
        string Queueipc(params string[] arguments) => place.Run(Times.Long, place.PathOf(Path.Combine("tools", "queueipc")), arguments);

        Queueipc("put", "jobs", "Grüße 你好");
        using var jobs = broker.OpenQueue<string>("jobs");
        jobs.Put("from the library");

        Assert.StartsWith(VersionOf("QueueIpc.Cli"), Queueipc("--version"));
        Assert.Equal("Grüße 你好\nfrom the library\n", Queueipc("get", "jobs", "--count", "2"));
    }

    private string VersionOf(string id) => feed.Packages.Single(package => package.Id == id).Version;

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
