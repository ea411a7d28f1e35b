using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>A request that cannot be done, and why; the connection goes on.</summary>
internal sealed class RefusedException(ErrorCode code, string message) : Exception(message)
{
    public ErrorCode Code { get; } = code;
}
