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
        var before = place.Bytes;
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

        return (before, place.Bytes);
    }
}
