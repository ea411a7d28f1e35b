using Microsoft.Extensions.Logging;
using QueueIpc.Protocol;

namespace QueueIpc;

/// <summary>Everything this library ever logs.</summary>
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
}
