namespace QueueIpc.Protocol;

/// <summary>The other side broke the protocol: the connection ends with this code.</summary>
internal sealed class ProtocolException(ErrorCode code, string message) : Exception(message)
{
    public ErrorCode Code { get; } = code;
}
