namespace QueueIpc.Tests.Docs;

/// <summary>docs/troubleshooting.md leaves nobody alone with an exception.</summary>
public sealed class TroubleshootingDocumentTests
{
    [Fact]
    public void Exceptions_OfTheLibrary_EachHasASection()
    {
        var document = Repository.Read("docs/troubleshooting.md");

        Assert.All(
            typeof(IpcQueue).Assembly.GetExportedTypes().Where(type => type.IsAssignableTo(typeof(Exception))),
            type => Assert.Contains($"\n## `{type.Name}`\n", document));
    }
}
