using Microsoft.Extensions.Logging;
using QueueIpc.Protocol;

namespace QueueIpc;

/// <summary>Everything this library ever logs: the broker from 1 on, the client from 101 on. An event keeps its number for ever. Nothing is logged per item. What a worker writes is logged where its options say so.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The client of process {ProcessId} broke the protocol and was disconnected: {Code}, {Problem}")]
    public static partial void ProtocolBroken(ILogger logger, int processId, ErrorCode code, string problem);

    [LoggerMessage(2, LogLevel.Information, "The broker listens at {Endpoint}")]
    public static partial void Listening(ILogger logger, string endpoint);

    [LoggerMessage(3, LogLevel.Warning, "A connection could not be accepted: {Problem}")]
    public static partial void AcceptFailed(ILogger logger, string problem);

    [LoggerMessage(4, LogLevel.Information, "The broker at {Endpoint} has ended")]
    public static partial void Ended(ILogger logger, string endpoint);

    [LoggerMessage(5, LogLevel.Debug, "Process {ProcessId} has connected")]
    public static partial void ClientConnected(ILogger logger, int processId);

    [LoggerMessage(6, LogLevel.Debug, "Process {ProcessId} has said goodbye")]
    public static partial void ClientLeft(ILogger logger, int processId);

    [LoggerMessage(7, LogLevel.Information, "The connection of process {ProcessId} ended without a goodbye; it held nothing")]
    public static partial void ClientLost(ILogger logger, int processId);

    [LoggerMessage(8, LogLevel.Warning, "A connection was refused: {Why}")]
    public static partial void ConnectionRefused(ILogger logger, string why);

    [LoggerMessage(9, LogLevel.Debug, "Queue '{Queue}' was created")]
    public static partial void QueueCreated(ILogger logger, string queue);

    [LoggerMessage(21, LogLevel.Debug, "Queue '{Queue}' has other settings now")]
    public static partial void QueueUpdated(ILogger logger, string queue);

    [LoggerMessage(10, LogLevel.Debug, "Queue '{Queue}' was deleted")]
    public static partial void QueueDeleted(ILogger logger, string queue);

    [LoggerMessage(11, LogLevel.Warning, "The connection of process {ProcessId} ended without a goodbye; what it held goes back (items: {Count})")]
    public static partial void HolderLost(ILogger logger, int processId, int count);

    [LoggerMessage(22, LogLevel.Warning, "The pipe {Endpoint} had been deleted, and is there again: whoever cleans up temporary files should leave it alone")]
    public static partial void PipePutBack(ILogger logger, string endpoint);

    [LoggerMessage(101, LogLevel.Debug, "Connected to the broker at {Endpoint}, in process {ProcessId}")]
    public static partial void Connected(ILogger logger, string endpoint, int processId);

    [LoggerMessage(102, LogLevel.Warning, "The connection to the broker at {Endpoint} is lost: {Why}")]
    public static partial void ConnectionLost(ILogger logger, string endpoint, string why);

    [LoggerMessage(104, LogLevel.Information, "The broker at {Endpoint} went away ({Why}); calls wait while it is looked for")]
    public static partial void Reconnecting(ILogger logger, string endpoint, string why);

    [LoggerMessage(105, LogLevel.Information, "Connected again to the broker at {Endpoint}, in process {ProcessId}")]
    public static partial void Reconnected(ILogger logger, string endpoint, int processId);

    [LoggerMessage(106, LogLevel.Warning, "The broker at {Endpoint} came back without the items that were in queue '{Queue}'")]
    public static partial void ItemsLost(ILogger logger, string endpoint, string queue);

    [LoggerMessage(103, LogLevel.Warning, "A lease on an item of queue '{Queue}' was forgotten: nothing refers to it any more, and nobody gave a verdict. It is not extended, and the item comes back as a failure")]
    public static partial void LeaseForgotten(ILogger logger, string queue);

    [LoggerMessage(109, LogLevel.Debug, "A reader of queue '{Queue}' is busy, and gives back what it has read ahead (items: {Count}): somebody else waits")]
    public static partial void GivesBack(ILogger logger, string queue, long count);

    [LoggerMessage(107, LogLevel.Information, "{Line}")]
    public static partial void WorkerOutput(ILogger logger, string line);

    [LoggerMessage(108, LogLevel.Warning, "{Line}")]
    public static partial void WorkerErrors(ILogger logger, string line);
}
