using System.Text;
using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

internal sealed partial class BrokerSession
{
    private void Handle(in FrameHeader header, ReadOnlySpan<byte> bytes)
    {
        var body = new BodyReader(bytes);
        if (!_greeted || header.Op == Op.Hello)
        {
            Hello(header, body);
            return;
        }

        try
        {
            if (header.Queue == 0)
            {
                HandleForConnection(header, body);
            }
            else if (_open.TryGetValue(header.Queue, out var open))
            {
                HandleForQueue(header, body, open.Queue, open.Attachment);
            }
            else
            {
                throw new ProtocolException(ErrorCode.UnknownQueue, $"queue number {header.Queue} is not open on this connection");
            }
        }
        catch (RefusedException e)
        {
            WriteRefusal(Op.Refused, header.Queue, header.Request, e.Code, e.Message);
            _touched.Add(Outbox);
        }
    }

    private void HandleForConnection(in FrameHeader header, BodyReader body)
    {
        switch (header.Op)
        {
            case Op.Open:
                Open(header, body);
                break;
            case Op.Delete:
                var name = body.Text();
                body.End();
                var gone = _services.Queues.Delete(name, _touched, out var items);
                AnswerWhenKept(header, gone, Op.Done, Version > 1 ? items : 0);
                break;
            case Op.Update when Version > 1:
                Update(header, body);
                break;
            case Op.List:
                body.End();
                List(header);
                break;
            case Op.Connections:
                body.End();
                WriteConnections(header);
                break;
            case Op.Bye:
                body.End();
                _saidBye = true;
                break;
            default:
                throw new ProtocolException(ErrorCode.UnknownOp, $"{(byte)header.Op} is not a request about a connection");
        }
    }

    private void HandleForQueue(in FrameHeader header, BodyReader body, QueueEngine queue, Attachment who)
    {
        var lease = (header.Flags & FrameHeader.LeaseFlag) != 0;
        switch (header.Op)
        {
            case Op.Put:
                Put(header, body, queue, who);
                break;
            case Op.Get:
                var (wait, maxItems) = (body.Int64(), body.Int32());
                body.End();
                CheckWaits(who);
                queue.Get(who, header.Request, lease, Positive(maxItems, "the number of items"), wait, _touched);
                break;
            case Op.Subscribe:
                var (window, windowBytes) = (body.Int32(), body.Int64());
                body.End();
                CheckWaits(who);
                var canReturn = Version > 1 && (header.Flags & FrameHeader.ReturnFlag) != 0;
                queue.Subscribe(who, header.Request, lease, NotNegative(window, "a window"), NotNegative(windowBytes, "a window in bytes"), canReturn, _touched);
                break;
            case Op.Advance:
                var (confirmed, nextWindow) = (body.UInt64(), body.Int32());
                body.End();
                if (!queue.Advance(who, header.Request, confirmed, NotNegative(nextWindow, "a window"), _touched))
                {
                    throw new ProtocolException(ErrorCode.BadFrame, "a subscription confirms items that were not sent to it");
                }

                break;
            case Op.Return when Version > 1:
                var (handedOver, last) = (body.UInt64(), body.UInt64());
                body.End();
                var recalled = header.Request;
                if (!queue.Do((machine, now) => machine.Return(who, recalled, handedOver, last, now), _touched))
                {
                    throw new ProtocolException(ErrorCode.BadFrame, "a subscription gives back items that were not sent to it");
                }

                break;
            case Op.Join:
                var joinWait = body.Int64();
                body.End();
                CheckWaits(who);
                queue.Join(who, header.Request, joinWait, _touched);
                break;
            case Op.Cancel:
                body.End();
                var request = header.Request;
                queue.Do((machine, now) => { machine.Cancel(who, request, now); return true; }, _touched);
                break;
            case Op.Close:
                body.End();
                RemoveOpen(header.Queue);
                queue.Detach(who, failed: false, _touched);
                Answer(header, Op.Done);
                break;
            default:
                if (!Settle(header, body, queue, who))
                {
                    Administer(header, body, queue);
                }

                break;
        }
    }

    private void Put(in FrameHeader header, BodyReader body, QueueEngine queue, Attachment who)
    {
        var wait = body.Int64();
        PutNumber number = default;
        if (Version > 1 && (header.Flags & FrameHeader.NumberedFlag) != 0)
        {
            number = new PutNumber(_producer, body.Int64(), body.Int64(), body.Int64());
        }

        var count = body.Count(ItemBatch.PrefixBytes);
        var packed = body.Items(count, bytesBeforeEach: 0, out var largest);
        body.End();
        if (largest > _services.Options.MaxItemBytes)
        {
            throw new RefusedException(ErrorCode.ItemTooLarge, $"an item has {largest} bytes; this broker takes {_services.Options.MaxItemBytes} at most");
        }

        CheckWaits(who);
        CheckWaitingBytes(wait, packed.Length);
        queue.Put(who, header.Request, ItemBatch.CopyOf(packed, count), wait, _touched, number);
    }

    private void Administer(FrameHeader header, BodyReader body, QueueEngine queue)
    {
        switch (header.Op)
        {
            case Op.Info:
                body.End();
                Report(queue, () => WriteInfos(header, [queue]));
                break;
            case Op.Peek:
                var maxSeen = Positive(body.Int32(), "the number of items");
                body.End();
                queue.WhenSeen(Outbox, maxSeen, ReportBytesMax, seen => WritePeeked(header, seen), _touched);
                break;
            case Op.Clear:
                body.End();
                AnswerWhenKept(header, queue, Op.Done, queue.Do((machine, now) => machine.Clear(now), _touched));
                break;
            case Op.Complete:
                var discard = body.Bool();
                body.End();
                queue.Do((machine, now) => { machine.Complete(discard, now); return true; }, _touched);
                AnswerWhenKept(header, queue, Op.Done);
                break;
            case Op.GetDead:
                var max = Positive(body.Int32(), "the number of items");
                body.End();
                Report(queue, () =>
                {
                    var (oldest, all) = queue.Look(machine => (machine.GetDead(max), machine.Dead));
                    WriteDead(header, oldest, all);
                });
                break;
            case Op.Redrive:
                var redriven = ReadSequences(ref body);
                AnswerWhenKept(header, queue, Op.Done, queue.Do((machine, now) => redriven is null ? machine.Redrive(now) : machine.Redrive(redriven, now), _touched));
                break;
            case Op.DeleteDead:
                var deleted = ReadSequences(ref body);
                AnswerWhenKept(header, queue, Op.Done, queue.Do((machine, now) => deleted is null ? machine.DeleteDead(now) : machine.DeleteDead(deleted, now), _touched));
                break;
            case Op.IsGone when Version > 1:
                var sequence = body.Int64();
                body.End();
                AnswerWhenKept(header, queue, queue.Look(machine => machine.IsGone(sequence)) ? Op.Done : Op.LeaseLost);
                break;
            case Op.GetHeld when Version > 1:
                var maxHeld = Positive(body.Int32(), "the number of items");
                body.End();
                Report(queue, () => WriteHeld(header, queue.Look(machine => machine.GetHeld(maxHeld, _services.Clock.Now))));
                break;
            default:
                throw new ProtocolException(ErrorCode.UnknownOp, $"{(byte)header.Op} is not a request about a queue");
        }
    }

    /// <summary>Which dead items it is about; null is all of them.</summary>
    private HashSet<long>? ReadSequences(ref BodyReader body)
    {
        if (Version == 1 || !body.Bool())
        {
            body.End();
            return null;
        }

        var sequences = new HashSet<long>();
        for (var left = body.Count(sizeof(long)); left > 0; left--)
        {
            sequences.Add(body.Int64());
        }

        body.End();
        return sequences;
    }

    private void CheckWaits(Attachment who)
    {
        if (who.Share.Waits >= _services.Options.MaxWaitsPerQueue)
        {
            throw new RefusedException(ErrorCode.TooManyWaits, $"one connection may have {_services.Options.MaxWaitsPerQueue} requests waiting on one queue, and has them");
        }
    }

    private void CheckWaitingBytes(long wait, int bytes)
    {
        if (wait != 0 && _waitingPuts.Bytes is > 0 and var waiting && waiting + bytes > _services.Options.MaxWaitingBytes)
        {
            throw new RefusedException(ErrorCode.TooManyWaits, $"the puts of this connection that wait have {waiting} bytes, and {_services.Options.MaxWaitingBytes} is the limit");
        }
    }

    private static string Reason(ref BodyReader body) => body.Text() is var text && text.Length > ProtocolLimits.ReasonCharsMax
        ? throw new RefusedException(ErrorCode.BadValue, $"a reason may have {ProtocolLimits.ReasonCharsMax} characters")
        : text;

    private static int Positive(int value, string what) => value > 0
        ? value
        : throw new RefusedException(ErrorCode.BadValue, $"{what} is {value}; it must be 1 or more");

    private static T NotNegative<T>(T value, string what)
        where T : System.Numerics.INumber<T> => value >= T.Zero
        ? value
        : throw new RefusedException(ErrorCode.BadValue, $"{what} is {value}; it must be 0 or more");

    private void DeleteIfThere(string name)
    {
        try
        {
            _services.Queues.Delete(name, _touched, out _);
        }
        catch (RefusedException)
        {
            // Somebody has deleted it already.
        }
    }

    /// <summary>The same, as soon as what was decided is kept, where the queue is one that keeps it.</summary>
    private void AnswerWhenKept(in FrameHeader header, QueueEngine queue, Op op, long count = 0)
    {
        if (!queue.IsDurable)
        {
            Answer(header, op, count);
        }
        else if (header.Request != 0)
        {
            var (number, request) = (header.Queue, header.Request);
            queue.WhenKept(Outbox, () => WriteAnswer(number, request, op, count), _touched);
        }
    }

    /// <summary>Request number 0 wants no answer.</summary>
    private void Answer(in FrameHeader header, Op op, long count = 0)
    {
        if (header.Request == 0)
        {
            return;
        }

        WriteAnswer(header.Queue, header.Request, op, count);
        _touched.Add(Outbox);
    }

    private void WriteAnswer(uint queue, ulong request, Op op, long count)
    {
        lock (Outbox.SyncRoot)
        {
            Answers.WriteOutcome(Outbox.Open, op, queue, request, count);
        }
    }
}
