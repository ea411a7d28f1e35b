using System.Diagnostics;
using System.Runtime.InteropServices;
using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>Puts the machine's decisions into frames.</summary>
internal static class Answers
{
    /// <summary>Writes the items that begin at <paramref name="first"/> and go to the same request, as many as go into one frame; answers where the next effect is.</summary>
    public static int WriteItems(OutBuffer to, SessionQueue queue, List<Effect> effects, int first)
    {
        var frame = FrameFrom(effects, first);
        var head = frame[0];
        to.BeginFrame(Op.Items, queue.Id, head.Request, head.Token != 0 ? FrameHeader.LeaseFlag : (byte)0);
        var count = 0;
        foreach (ref readonly var effect in frame)
        {
            count += effect.Count;
        }

        to.Int32(count);
        foreach (ref readonly var effect in frame)
        {
            if (effect.Token != 0)
            {
                to.UInt64(effect.Token);
                to.Int32(effect.Item.Failures);
                if (queue.Session.Version > 1)
                {
                    to.Int64(effect.Item.Sequence);
                }
            }

            WriteItems(to, effect.Items.Items);
        }

        to.EndFrame();
        return first + frame.Length;
    }

    public static int WriteOutcome(OutBuffer to, uint queue, List<Effect> effects, int at)
    {
        var effect = effects[at];
        if (effect.Kind == EffectKind.TooManyHeld)
        {
            WriteRefusal(to, Op.Refused, queue, effect.Request, ErrorCode.TooManyHeld, $"one connection may hold {effect.To.Share.HoldsMax} items of one queue, and holds them");
            return at + 1;
        }

        WriteOutcome(to, OpOf(effect.Kind), queue, effect.Request, effect.Count);
        return at + 1;
    }

    public static void WriteOutcome(OutBuffer to, Op op, uint queue, ulong request, long count)
    {
        to.BeginFrame(op, queue, request);
        to.Int64(count);
        to.EndFrame();
    }

    public static void WriteRefusal(OutBuffer to, Op op, uint queue, ulong request, ErrorCode code, string message)
    {
        to.BeginFrame(op, queue, request);
        to.UInt16((ushort)code);
        to.Text(message.Length <= ProtocolLimits.ReasonCharsMax ? message : message[..ProtocolLimits.ReasonCharsMax]);
        to.EndFrame();
    }

    /// <summary>Items as they travel, without tokens.</summary>
    public static void WriteItems(OutBuffer to, in ItemBatch items) => to.Append(items.Buffer, items.Offset, items.PackedBytes);

    /// <summary>A get is answered in one frame, however large; a subscription's items come in frames of the usual size.</summary>
    private static ReadOnlySpan<Effect> FrameFrom(List<Effect> effects, int first)
    {
        var all = CollectionsMarshal.AsSpan(effects)[first..];
        ref readonly var head = ref all[0];
        var bytesMax = head.Ahead ? ProtocolLimits.BatchBytes : long.MaxValue;
        long bytes = 0;
        var count = 0;
        while (count < all.Length && bytes < bytesMax
            && all[count].Kind == EffectKind.Delivered && all[count].Request == head.Request && ReferenceEquals(all[count].To, head.To))
        {
            bytes += all[count++].Items.PackedBytes;
        }

        return all[..count];
    }

    private static Op OpOf(EffectKind kind) => kind switch
    {
        EffectKind.Accepted or EffectKind.Joined => Op.Done,
        EffectKind.Recall => Op.Recall,
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
