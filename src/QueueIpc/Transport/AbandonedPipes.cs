using System.Runtime.Versioning;

namespace QueueIpc.Transport;

/// <summary>
/// What unnamed brokers leave behind that are killed, or ended by Ctrl+C (Unix). A named one's successor replaces its socket; these names never
/// come again, so the next broker to start clears them away.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static class AbandonedPipes
{
    /// <summary>A broker that is just starting has made its lock file and may not have locked it yet: young files are left alone.</summary>
    private static readonly TimeSpan AgeMin = TimeSpan.FromMinutes(1);

    public static void Clear(TimeProvider time)
    {
#pragma warning disable RS0030 // The dates of files are all there is to tell a young one. If the machine's date was set, more or less is left for a later broker: the lock decides what may go.
        var youngest = time.GetUtcNow() - AgeMin;
#pragma warning restore RS0030
        foreach (var file in new DirectoryInfo(PipeDirectory.Path).EnumerateFiles($"{PipeNames.UnnamedPrefix}*{EndpointLock.Suffix}"))
        {
            if (file.LastWriteTimeUtc < youngest)
            {
                TryClear(file.FullName[..^EndpointLock.Suffix.Length]);
            }
        }
    }

    private static void TryClear(string endpoint)
    {
        try
        {
            EndpointLock.Take(endpoint).Dispose();
            LeaseRecord.Clear(endpoint);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its broker lives, or somebody else clears it just now.
        }
    }
}
