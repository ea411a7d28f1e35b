using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>Makes sure that an answer is whole, and nothing but an answer, before anybody who waits for it sees it.</summary>
internal static class AnswerCheck
{
    private const int InstanceTokenBytes = 16;

    public static void Check(in FrameHeader header, ReadOnlySpan<byte> bytes)
    {
        var body = new BodyReader(bytes);
        switch (header.Op)
        {
            case Op.Items:
                DeliveredItems.Check(ref body, (header.Flags & FrameHeader.LeaseFlag) != 0);
                break;
            case Op.Done or Op.Full or Op.NeverFits or Op.Empty or Op.Completed or Op.Deleted or Op.Cancelled or Op.TimedOut or Op.LeaseLost:
                body.Int64();
                break;
            case Op.Refused or Op.Error:
                body.UInt16();
                body.Text();
                break;
            case Op.Opened:
                body.Text();
                body.Take(sizeof(int) + sizeof(long) + sizeof(long) + sizeof(int));
                break;
            case Op.Welcome:
                body.Take(sizeof(ushort) + (3 * sizeof(int)) + InstanceTokenBytes);
                break;
            case Op.QueueInfos:
                QueueReports.ReadInfos(body);
                return;
            case Op.DeadItems:
                QueueReports.ReadDead(body);
                return;
            case Op.ConnectionInfos:
                QueueReports.ReadConnections(body);
                return;
            default:
                throw new ProtocolException(ErrorCode.UnknownOp, $"{(byte)header.Op} is not an answer");
        }

        body.End();
    }
}
