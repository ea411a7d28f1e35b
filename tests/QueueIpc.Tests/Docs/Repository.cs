namespace QueueIpc.Tests.Docs;

/// <summary>The files that this build was made from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(PathOf(file)).ReplaceLineEndings("\n");

    /// <summary>All that is written for readers, and not only for those of one sample.</summary>
    public static IReadOnlyList<string> Documents { get; } =
    [
        .. Directory.EnumerateFiles(Root, "*.md"),
        PathOf("src/Package/README.md"),
        .. Directory.EnumerateFiles(PathOf("docs"), "*.md", SearchOption.AllDirectories),
    ];

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "QueueIpc.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException("QueueIpc.sln is not in any directory above the tests.");
    }
}
