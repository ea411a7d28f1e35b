using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>The verdicts on what a client holds: each of them for many tokens at a time.</summary>
internal sealed partial class BrokerSession
{
    private bool Settle(in FrameHeader header, BodyReader body, QueueEngine queue, Attachment who)
    {
        switch (header.Op)
        {
            case Op.RejectNext:
                var whyNext = Reason(ref body);
                body.End();
                var subscription = header.Request;
                queue.Do((machine, now) => machine.RejectNext(who, subscription, whyNext, now), _touched);
                return true;
            case Op.Ack:
                SettleAll(header, body, queue, (machine, token, now) => machine.Ack(who, token, now));
                return true;
            case Op.Release:
                SettleAll(header, body, queue, (machine, token, now) => machine.Release(who, token, now));
                return true;
            case Op.Nack:
                var delay = NotNegative(body.Int64(), "a delay");
                var failure = Version > 1 && Reason(ref body) is { Length: > 0 } said ? said : "its consumers failed with it";
                SettleAll(header, body, queue, (machine, token, now) => machine.Nack(who, token, delay, now, failure));
                return true;
            case Op.Extend:
                var duration = NotNegative(body.Int64(), "a lease time");
                SettleAll(header, body, queue, (machine, token, now) => machine.Extend(who, token, duration, now));
                return true;
            case Op.DeadLetter:
                var why = Reason(ref body);
                SettleAll(header, body, queue, (machine, token, now) => machine.DeadLetter(who, token, why, now));
                return true;
            default:
                return false;
        }
    }

    /// <summary>The same verdict for every token that follows. Answered with Done or LeaseLost and how many were in order.</summary>
    private void SettleAll(in FrameHeader header, BodyReader body, QueueEngine queue, Func<QueueMachine, ulong, long, bool> settle)
    {
        var tokens = new ulong[body.Count(sizeof(ulong))];
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = body.UInt64();
        }

        body.End();
        var settled = queue.Do((machine, now) => SettleAll(machine, tokens, settle, now), _touched);
        AnswerWhenKept(header, queue, settled == tokens.Length ? Op.Done : Op.LeaseLost, settled);
    }

    private static int SettleAll(QueueMachine machine, ulong[] tokens, Func<QueueMachine, ulong, long, bool> settle, long now)
    {
        var settled = 0;
        foreach (var token in tokens)
        {
            settled += settle(machine, token, now) ? 1 : 0;
        }

        return settled;
    }
}
