using Microsoft.Data.Sqlite;

namespace QueueIpc.Sqlite;

/// <summary>Makes the file as small as what is in it.</summary>
internal static class DataCompaction
{
    /// <summary>Answers the bytes of file and log before and after.</summary>
    public static (long Before, long After) Run(string path)
    {
        DataDirectory.Hold(path).Dispose();
        using var place = DataDirectory.Take(path);
        var before = Bytes(place);
        using (var database = Database.Open(place, unixOffset: 0))
        {
            try
            {
                database.Execute("vacuum");
                database.Execute("pragma wal_checkpoint(TRUNCATE)");
            }
            catch (SqliteException e)
            {
                throw Database.InWords(e, place);
            }
        }

        return (before, Bytes(place));
    }

    private static long Bytes(DataDirectory place) => new FileInfo[] { new(place.Database), new(place.Log) }.Where(file => file.Exists).Sum(file => file.Length);
}
