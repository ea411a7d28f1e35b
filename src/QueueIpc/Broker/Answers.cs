using System.Diagnostics;
using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>Puts the machine's decisions into frames.</summary>
internal static class Answers
{
    /// <summary>Writes the items that begin at <paramref name="first"/> and go to the same request; answers where the next effect is.</summary>
    public static int WriteItems(OutBuffer to, uint queue, IReadOnlyList<Effect> effects, int first)
    {
        var head = effects[first];
        var withTokens = head.Token != 0;
        var end = EndOfFrame(effects, first);
        to.BeginFrame(Op.Items, queue, head.Request, withTokens ? FrameHeader.LeaseFlag : (byte)0);
        to.Int32(end - first);
        for (var i = first; i < end; i++)
        {
            WriteItem(to, effects[i].Item, withTokens, effects[i].Token);
        }

        to.EndFrame();
        return end;
    }

    public static int WriteOutcome(OutBuffer to, uint queue, IReadOnlyList<Effect> effects, int at)
    {
        var effect = effects[at];
        WriteOutcome(to, OpOf(effect.Kind), queue, effect.Request, effect.Count);
        return at + 1;
    }

    public static void WriteOutcome(OutBuffer to, Op op, uint queue, ulong request, long count)
    {
        to.BeginFrame(op, queue, request);
        to.Int64(count);
        to.EndFrame();
    }

    public static void WriteItem(OutBuffer to, in Item item, bool withToken, ulong token)
    {
        if (withToken)
        {
            to.UInt64(token);
            to.Int32(item.Failures);
        }

        to.Int32(item.Length);
        to.Append(item.Buffer, item.Offset, item.StoredBytes);
    }

    /// <summary>A get is answered in one frame, however large; a subscription's items come in frames of the usual size.</summary>
    private static int EndOfFrame(IReadOnlyList<Effect> effects, int first)
    {
        var head = effects[first];
        var bytesMax = head.To.Waiters.ContainsKey(head.Request) ? ProtocolLimits.BatchBytes : long.MaxValue;
        long bytes = 0;
        var end = first;
        while (end < effects.Count && bytes < bytesMax
            && effects[end].Kind == EffectKind.Delivered && effects[end].Request == head.Request && ReferenceEquals(effects[end].To, head.To))
        {
            bytes += effects[end++].Item.StoredBytes + ItemBatch.PrefixBytes;
        }

        return end;
    }

    private static Op OpOf(EffectKind kind) => kind switch
    {
        EffectKind.Accepted or EffectKind.Joined => Op.Done,
        EffectKind.Full => Op.Full,
        EffectKind.NeverFits => Op.NeverFits,
        EffectKind.Empty => Op.Empty,
        EffectKind.Completed => Op.Completed,
        EffectKind.Deleted => Op.Deleted,
        EffectKind.Cancelled => Op.Cancelled,
        EffectKind.TimedOut => Op.TimedOut,
        _ => throw new UnreachableException($"{kind} is not an outcome"),
    };
}
