using Microsoft.Extensions.Logging;

namespace QueueIpc.Sqlite;

/// <summary>What stores log: events from 401 on, in the broker's category. No item's content is ever among it.</summary>
internal static partial class Log
{
    [LoggerMessage(401, LogLevel.Information, "The storage in {Directory} is open (queues: {Count})")]
    public static partial void Opened(ILogger logger, string directory, int count);

    [LoggerMessage(402, LogLevel.Error, "The disk of {Directory} is full: puts wait, gets and acks go on. They go on by themselves when there is room")]
    public static partial void Full(ILogger logger, string directory);

    [LoggerMessage(403, LogLevel.Warning, "There is room again on the disk of {Directory}: puts go on")]
    public static partial void HasRoomAgain(ILogger logger, string directory);

    [LoggerMessage(404, LogLevel.Critical, "The storage in {Directory} can keep nothing any more, and its broker ends: {Problem}")]
    public static partial void Failed(ILogger logger, string directory, string problem);

    [LoggerMessage(405, LogLevel.Warning, "The log of {Directory} could not be written to its place, and is tried again: {Problem}")]
    public static partial void NotTidied(ILogger logger, string directory, string problem);
}
