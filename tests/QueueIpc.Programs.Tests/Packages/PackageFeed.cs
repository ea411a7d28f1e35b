using System.IO.Compression;
using System.Xml.Linq;
using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Packages;

/// <summary>The packages, made once for all tests with the README's command, in a folder that serves as a feed.</summary>
public sealed class PackageFeed : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("queueipc-feed-");

    /// <summary>The analyzers have seen the same sources, all of them, when the tests were built.</summary>
    public PackageFeed() => OutsideProject.RunIn(Repository.Root, "pack", "-o", _folder.FullName, "-p:RunAnalyzers=false", "--disable-build-servers", "--nologo", "-v:quiet", "-warnaserror");

    public string Folder => _folder.FullName;

    internal IReadOnlyList<Package> Packages => [.. Directory.EnumerateFiles(Folder, "*.nupkg").Select(Package.Read)];

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>What is in one package.</summary>
internal sealed record Package(string File, string Id, string Version, XElement Metadata, string[] Entries, string[] SymbolEntries)
{
    public string? this[string name] => Metadata.Element(Metadata.Name.Namespace + name)?.Value;

    public bool IsTool => Entries.Contains("tools/net10.0/any/DotnetToolSettings.xml");

    public static Package Read(string file)
    {
        using var archive = ZipFile.OpenRead(file);
        using var symbols = ZipFile.OpenRead(Path.ChangeExtension(file, ".snupkg"));
        using var nuspec = archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        string Value(string name) => metadata.Element(metadata.Name.Namespace + name)!.Value;
        return new Package(file, Value("id"), Value("version"), metadata, [.. archive.Entries.Select(entry => entry.FullName)], [.. symbols.Entries.Select(entry => entry.FullName)]);
    }
}
