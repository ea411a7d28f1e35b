using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using QueueIpc.Core;

namespace QueueIpc.Tests.Lifecycle;

/// <summary>Whoever sets the machine's date sets nothing of ours: the assemblies do not look at it.</summary>
public sealed class ClockTests
{
    /// <summary>Every way that .NET has to ask for the date.</summary>
    private static readonly string[] Dates =
    [
        "DateTime.get_Now", "DateTime.get_UtcNow", "DateTime.get_Today", "DateTimeOffset.get_Now", "DateTimeOffset.get_UtcNow",
        "TimeProvider.GetUtcNow", "TimeProvider.GetLocalNow",
    ];

    /// <summary>
    /// Files have dates: when a dead broker's are cleared away may go by them (AbandonedPipes). And some times must mean something after a restart, or to people
    /// (WallClock): nothing that waits in a running broker goes by those.
    /// </summary>
    private static readonly string[] Allowed = ["TimeProvider.GetUtcNow"];

    [Fact]
    public void Case64_Library_AsksForTheDateInTheTwoKnownPlacesAlone()
    {
        Assert.Empty(DatesAskedForIn(typeof(QueueMachine).Assembly.Location));
        Assert.Equal(Allowed, DatesAskedForIn(typeof(IpcQueue).Assembly.Location));
    }

    [Fact]
    public void Case64_ThisCheck_SeesWhoDoesAsk()
    {
        Assert.True(DateTime.UtcNow > DateTime.UnixEpoch);
        Assert.Contains("DateTime.get_UtcNow", DatesAskedForIn(typeof(ClockTests).Assembly.Location));
    }

    private static string[] DatesAskedForIn(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata.MemberReferences.Select(metadata.GetMemberReference)
                .Where(member => member.Parent.Kind == HandleKind.TypeReference)
                .Select(member => $"{metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name)}.{metadata.GetString(member.Name)}")
                .Intersect(Dates)
                .Order(),
        ];
    }
}
