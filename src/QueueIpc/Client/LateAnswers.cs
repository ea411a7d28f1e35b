using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>Gets what comes for a caller who has given up on a broker that did not respond: items go back to the head of their queue.</summary>
internal sealed class LateAnswers(ClientConnection connection, ClientQueue? queue) : IReplyTarget
{
    public ClientQueue? Owner => null;

    public long GuardAt => long.MaxValue;

    public static void GiveBack(ClientConnection connection, in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (header.Op == Op.Items && (header.Flags & FrameHeader.LeaseFlag) != 0)
        {
            var items = new DeliveredItems(body.ToArray(), body.Length, withTokens: true, connection.Version);
            lock (connection.SyncRoot)
            {
                var to = connection.Out;
                to.BeginFrame(Op.Release, header.Queue, 0);
                to.Int32(items.Remaining);
                while (items.Remaining > 0)
                {
                    to.UInt64(items.Next().Token);
                }

                to.EndFrame();
            }

            connection.FlushSoon();
        }
    }

    public bool OnFrame(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        GiveBack(connection, header, body);
        queue?.Release();
        return true;
    }

    // The broker gives everything back by itself.
    public void OnLost() => queue?.Release();
}
