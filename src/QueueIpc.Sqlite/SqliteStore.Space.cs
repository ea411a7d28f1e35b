using Microsoft.Data.Sqlite;
using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>The space that a store takes: its log, empty pages, what old runs keep, and a disk that is full.</summary>
internal sealed partial class SqliteStore
{
    /// <summary>When the log is longer, what is in it goes to its place in the file.</summary>
    private const long LogBytesMax = 16 * 1024 * 1024;

    /// <summary>Given up when the disk is full. More than the log: the first thing that happens then is that the log goes to its place.</summary>
    private const long ReserveBytes = 2 * LogBytesMax;

    /// <summary>With less than this, nothing new is accepted: the log may grow to its limit and by one commit, and something is left for deleting.</summary>
    public const long FreeBytesMin = LogBytesMax + (2 * CommitBytesMax) + (16 * 1024 * 1024);

    /// <summary>Empty pages stay for what comes next up to here; beyond it the file becomes smaller when there is nothing else to do.</summary>
    private const int EmptyPagesMax = 2048;
    private const int PagesAtATime = 256;
    private const int IdleMs = 100;
    private const int FullRetryMs = 1000;

    private void TidyUp()
    {
        try
        {
            if (_database.LogBytes > LogBytesMax)
            {
                _database.EmptyLog();
            }

            LookForRoom();
            var isIdle = false;
            lock (_lock)
            {
                isIdle = _gathering.Count == 0;
            }

            if (isIdle && _mayHaveEmptyPages)
            {
                _mayHaveEmptyPages = GiveBackEmptyPages();
            }
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            // What is kept is in the log; it is tried again after the next commit.
            Log.NotTidied(_context.Logger, _place.Path, e.Message);
        }
    }

    /// <summary>Answers whether there are more.</summary>
    private bool GiveBackEmptyPages()
    {
        if (_database.Ask("pragma freelist_count") <= EmptyPagesMax)
        {
            return false;
        }

        _database.Execute($"pragma incremental_vacuum({PagesAtATime})");
        return true;
    }

    private void LookForRoom()
    {
        // The reserve is counted as if it were there: making it must not be what fills the disk.
        var free = _place.FreeBytes - (_place.HasReserve ? 0 : ReserveBytes);
        var had = _hasRoom;
        _hasRoom = free >= _freeBytesMin;
        if (_hasRoom)
        {
            _place.MakeReserve(ReserveBytes);
        }

        if (had && !_hasRoom)
        {
            Log.Full(_context.Logger, _place.Path);
        }
        else if (!had && _hasRoom)
        {
            Log.HasRoomAgain(_context.Logger, _place.Path);
            _context.RoomCame();
        }
    }

    private void MoveLeftBehind(QueueRows rows)
    {
        while (rows.LeftBehind is { } run)
        {
            try
            {
                StoredItem[] left = [.. Loader.Slices(run, _database.BodyOf(rows, run)).SelectMany(slice => slice.Each).Select(item => new StoredItem(ChangeKind.Returned, item.Compact()))];
                rows.PlanMove(run, left, _plan);
            }
            catch (Exception e) when (e is SqliteException or InvalidDataException)
            {
                // It only keeps more space than it must. The next start looks at it again.
                rows.Leave(run);
                Log.NotTidied(_context.Logger, _place.Path, e.Message);
            }
        }
    }

    /// <summary>False when the broker ends meanwhile: nobody was told that what could not be written is kept.</summary>
    private bool WaitForRoom()
    {
        _place.GiveUpReserve();
        if (_hasRoom)
        {
            _hasRoom = false;
            Log.Full(_context.Logger, _place.Path);
            return true;
        }

        lock (_lock)
        {
            if (!_ending)
            {
                Monitor.Wait(_lock, FullRetryMs);
            }

            if (_ending)
            {
                _failed = true;
                return false;
            }
        }

        return true;
    }
}
