using QueueIpc.Cli.Commands;
using QueueIpc.Cli.Output;
using QueueIpc.Sqlite;
using QueueIpc.Transport;

namespace QueueIpc.Cli.Tool;

/// <summary>Whether a broker can use a data directory, and what is in it.</summary>
internal static class DataDiagnosis
{
    public static IEnumerable<Finding> Of(string path)
    {
        if (Place(path) is { } place)
        {
            yield return place;
        }

        if (!System.IO.Directory.Exists(path))
        {
            yield break;
        }

        if (DataDirectory.NetworkFileSystem(path) is { } kind)
        {
            yield return new("disk", $"{kind}: on another machine", "Brokers refuse it: a flush and a lock do not mean there what they must. Use a disk of this machine.");
        }

        yield return Space(path);
        yield return Data(path);
    }

    private static Finding? Place(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return System.IO.Directory.Exists(path) ? null : new("data", $"{path} is not there; the first broker makes it");
        }

        var entry = UnixFile.Inspect(path);
        return entry.Kind switch
        {
            UnixFileKind.Nothing => new("data", $"{path} is not there; the first broker makes it"),
            not (UnixFileKind.Directory or UnixFileKind.Link) => new("data", $"{path} is {entry.Description}", "It must be a directory: name another one."),
            _ when entry.UserId != UnixFile.EffectiveUserId => new("data", $"{path} belongs to user {entry.UserId}", "Brokers of this user refuse it. Name a directory of your own, or start the broker as that user."),
            _ => new("data", $"{path}, yours"),
        };
    }

    private static Finding Space(string path)
    {
        var free = new DriveInfo(path).AvailableFreeSpace;
        return new("space", $"{Words.Bytes(free)} free", free >= SqliteStore.FreeBytesMin ? null : $"Puts wait until {Words.Bytes(SqliteStore.FreeBytesMin)} are free: make room.");
    }

    private static Finding Data(string path)
    {
        if (!File.Exists(Path.Combine(path, "queues.db")))
        {
            return new("queues", "none yet");
        }

        try
        {
            var (queues, items, faults) = DataCommand.FaultsOf(path);
            return faults.Count == 0
                ? new("queues", $"{Words.Count(queues, "queue")}, {Words.Count(items, "item")}, all as they were written")
                : new("queues", $"damaged: {faults[0]}{(faults.Count > 1 ? $", and {faults.Count - 1} more" : string.Empty)}", "'queueipc data check' says all of it, and 'queueipc data export' saves what can be read. Or go back to a copy.");
        }
        catch (DataInUseException e)
        {
            return new("queues", e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new("queues", "cannot be read", e.Message);
        }
    }
}
