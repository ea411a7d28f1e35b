using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Packages;

/// <summary>Programs that are published as one file. Each of these takes a compiler's time, so there is one of each kind.</summary>
public sealed class PublishTests
{
    [Fact]
    public void SingleFile_ReadmesShortestProgram_StartsItsWorkersByItself()
    {
        var shortest = Snippet.In(Repository.PathOf("README.md"))[0];
        using var program = new OutsideProject(shortest.Code, OutsideProject.LibraryItems);

        var file = program.Publish("--self-contained", "-p:PublishSingleFile=true");

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(file)!, "*.dll"));
        Assert.Equal(shortest.Output, program.Run(Times.Long, file));
    }

    [Fact]
    public void NativeAot_SampleWithRawBytes_IsCompiledWithoutAWarningAndRuns()
    {
        using var program = new OutsideProject(Repository.Read("samples/NativeAot/Program.cs"), OutsideProject.LibraryItems);

        var file = program.Publish("-p:PublishAot=true");

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(file)!, "*.dll"));
        Assert.Contains($"```text\n{program.Run(Times.Long, file)}```", Repository.Read("samples/NativeAot/README.md"));
    }
}
