using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>How a call rides out a restart of its broker: what it remembers of itself, and how it is sent again.</summary>
internal sealed partial class PendingCall
{
    /// <summary>The frame that was written last is this call's, and can be sent again. Under the connection's lock.</summary>
    /// <param name="out">Where it was written.</param>
    /// <param name="sentAs">The how manieth it is.</param>
    /// <param name="isOnItsWay">Whether there is a pipe.</param>
    public void Remember(OutBuffer @out, long sentAs, bool isOnItsWay)
    {
        lock (_lock)
        {
            // A put's items are kept where they were packed.
            _version = connection.Version;
            if (!@out.TryCopyLastFrame(ref _requestBody, out _request, Packed is null ? int.MaxValue : 0))
            {
                return;
            }

            (SentAs, _isOnItsWay) = (sentAs, isOnItsWay);
            if (!isOnItsWay)
            {
                // Nobody can have heard it: if its item is gone by then, that is somebody else's doing.
                AskedAgainFor = 0;
                InterruptNeedsLock();
            }
        }
    }

    public bool OnInterrupted(ulong id)
    {
        lock (_lock)
        {
            if (Id != id || _state != CallState.Waiting)
            {
                return false;
            }

            InterruptNeedsLock();
            return _cancelled && EndOverdueNeedsLock();
        }
    }

    /// <summary>Writes it once more, if it is still waited for. Under the connection's lock.</summary>
    public void SendAgain(OutBuffer to)
    {
        lock (_lock)
        {
            if (_state != CallState.Waiting || SentAs == 0 || Owner is { IsRefused: true })
            {
                return;
            }

            if (_request.Op == Op.Put)
            {
                WritePut(to, _putCount);
            }
            else if (!TryWriteAgain(to))
            {
                return;
            }

            to.EndFrame();
            (_interrupted, _isOnItsWay, WasRepeated) = (false, true, WasRepeated || _isOnItsWay);
            GuardAt = GuardFor(HasWait ? _deadline : connection.Clock.Now + ClientConnection.PromptMicros);
        }
    }

    public bool GoOn(ulong id, int epoch)
    {
        lock (_lock)
        {
            if (Id != id || _state != CallState.Waiting || !_interrupted || _interruptedIn >= epoch)
            {
                return true;
            }

            if (Owner?.Refusal is { } refusal)
            {
                (Answer, _body, _bodyBytes) = (new FrameHeader(refusal.Length, Op.Refused, 0, 0, id), [.. refusal], refusal.Length);
                EndNeedsLock(CallState.Answered);
                return false;
            }

            _interrupted = false;
            if (SentAs == 0)
            {
                // Its frame is not written yet, and is as soon as it can be.
                return true;
            }

            EndNeedsLock(CallState.Lost);
            return false;
        }
    }

    /// <summary>False when it was written for a broker of another version.</summary>
    private bool TryWriteAgain(OutBuffer to)
    {
        if (_request.Op == Op.Ack && AskedAgainFor > 0 && connection.Version > 1)
        {
            // The lease is lost, unless the ack was heard.
            to.BeginFrame(Op.IsGone, Owner!.Id, Id);
            to.Int64(AskedAgainFor);
            return true;
        }

        if (_version != connection.Version && !HasWait)
        {
            return false;
        }

        var body = _requestBody.AsSpan(0, _request.BodyBytes);
        to.BeginFrame(_request.Op, Owner?.Id ?? 0, Id, _request.Flags);
        if (HasWait)
        {
            to.Int64(WaitLeft());
            body = body[sizeof(long)..];
        }

        to.Copy(body);
        return true;
    }

    /// <summary>What has a time of its own ends with it, to the millisecond; what is answered at once is answered when a broker is there.</summary>
    private void InterruptNeedsLock()
    {
        (_interrupted, _interruptedIn) = (true, connection.Epoch);
        GuardAt = SentAs == 0 || HasWait ? _deadline : long.MaxValue;
    }
}
