using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>Makes sure that an answer is whole, and nothing but an answer, before anybody who waits for it sees it.</summary>
internal static class AnswerCheck
{
    public const int InstanceTokenBytes = 16;

    /// <summary>By the version that holds on the connection; there is none yet for Welcome, which says it.</summary>
    public static void Check(in FrameHeader header, ReadOnlySpan<byte> bytes, ushort version)
    {
        var body = new BodyReader(bytes);
        switch (header.Op)
        {
            case Op.Items:
                DeliveredItems.Check(ref body, (header.Flags & FrameHeader.LeaseFlag) != 0, version);
                break;
            case Op.Done or Op.Full or Op.NeverFits or Op.Empty or Op.Completed or Op.Deleted or Op.Cancelled or Op.TimedOut or Op.LeaseLost:
                body.Int64();
                break;
            case Op.Recall when version > 1:
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
                var welcomed = body.UInt16();
                if (welcomed is < ProtocolLimits.VersionMin or > ProtocolLimits.Version)
                {
                    throw new ProtocolException(ErrorCode.BadVersion, $"the broker says that version {welcomed} of the protocol holds");
                }

                body.Take((3 * sizeof(int)) + InstanceTokenBytes);
                if (welcomed > 1)
                {
                    // What follows is for clients that know of it.
                    return;
                }

                break;
            case Op.QueueInfos:
                QueueReports.ReadInfos(body, version);
                return;
            case Op.DeadItems:
                QueueReports.ReadDead(body, version);
                return;
            case Op.HeldItems when version > 1:
                QueueReports.ReadHeld(body);
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
