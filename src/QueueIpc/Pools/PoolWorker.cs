using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using QueueIpc.Client;

namespace QueueIpc.Pools;

/// <summary>The life of a pool's worker: one thread reads what the pool says, and this one does the jobs, one after the other.</summary>
[SuppressMessage("Design", "CA1001", Justification = "It lives as long as its process.")]
internal sealed class PoolWorker
{
    /// <summary>So many results may be without the broker's answer; a large one waits for all of them.</summary>
    private const int UnansweredMax = 32;
    private const int LargeBytes = 4096;
    private const int OrdersMax = 64;

    private readonly object _lock = new();
    private readonly LinkedList<(long Job, ReadOnlyMemory<byte> Packed)> _next = [];
    private readonly Receipts _receipts = new();
    private readonly IpcQueue<byte[]> _words;
    private readonly int _id;
    private CancellationTokenSource _cancel = new();
    private long _current;
    private bool _isCancelled;
    private bool _isDismissed;

    private PoolWorker(IpcQueue<byte[]> words, int id) => (_words, _id) = (words, id);

    /// <summary>What the pool starts. It ends when the pool dismisses it.</summary>
    public static void Run(IpcQueue<byte[]> mailbox, IpcQueue<byte[]> words, int id, byte[] work)
    {
        // Held until the connection ends, and never settled.
        var token = mailbox.Lease();
        var (target, initializer) = PoolTarget.Unpack(work);
        initializer?.Run();
        var worker = new PoolWorker(words, id);
        worker.Say(PoolWord.Ready);
        BackgroundThread.Start("QueueIpc pool", () => worker.Listen(mailbox));
        worker.DoJobs(target);
        GC.KeepAlive(token);
    }

    private void DoJobs(PoolTarget target)
    {
        while (TryBegin(out var job, out var packed, out var ct))
        {
            var began = Stopwatch.GetTimestamp();
            PoolWord word;
            byte[] answer;
            try
            {
                (word, answer) = (PoolWord.Result, target.Run(packed, ct));
                CheckSize(answer.Length);
            }
            catch (Exception e)
            {
                (word, answer) = (PoolWord.Thrown, WorkerFailure.From(e).ToBytes());
            }

            Say(word, job, (int)Math.Min(Stopwatch.GetElapsedTime(began).TotalMicroseconds, int.MaxValue), answer);
        }
    }

    /// <summary>Waits for the next job; false when there is none any more.</summary>
    private bool TryBegin(out long job, out ReadOnlyMemory<byte> packed, out CancellationToken ct)
    {
        lock (_lock)
        {
            _current = 0;
            while (_next.Count == 0 && !_isDismissed)
            {
                Monitor.Wait(_lock);
            }

            if (_isCancelled)
            {
                (_cancel, _isCancelled) = (new CancellationTokenSource(), false);
            }

            ct = _cancel.Token;
            if (_next.First is not { } next)
            {
                (job, packed) = default((long, ReadOnlyMemory<byte>));
                return false;
            }

            (job, packed) = next.Value;
            _next.RemoveFirst();
            _current = job;
            return true;
        }
    }

    private void Listen(IpcQueue<byte[]> mailbox)
    {
        try
        {
            while (true)
            {
                foreach (var message in mailbox.GetMany(OrdersMax, Timeout.InfiniteTimeSpan))
                {
                    Obey(PoolMessage.ReadOrder(message));
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The pool's process has gone, or this one is about to end by itself.
        }
    }

    private void Obey((PoolOrder Order, long Job, ReadOnlyMemory<byte> Packed) message)
    {
        var cancelled = default(CancellationTokenSource);
        List<long> notBegun = [];
        lock (_lock)
        {
            switch (message.Order)
            {
                case PoolOrder.Job:
                    _next.AddLast((message.Job, message.Packed));
                    Monitor.Pulse(_lock);
                    return;
                case PoolOrder.Dismiss:
                    _isDismissed = true;
                    Monitor.Pulse(_lock);
                    return;
                case PoolOrder.Cancel when message.Job == _current:
                    (cancelled, _isCancelled) = (_cancel, true);
                    break;
                case PoolOrder.Cancel:
                    notBegun.AddRange(_next.Select(next => next.Job).Where(job => job == message.Job));
                    break;
                case PoolOrder.GiveBack:
                    notBegun.AddRange(_next.Select(next => next.Job));
                    break;
            }

            for (var next = _next.First; next is not null;)
            {
                var after = next.Next;
                if (notBegun.Contains(next.Value.Job))
                {
                    _next.Remove(next);
                }

                next = after;
            }
        }

        // Code of the job runs in here.
        cancelled?.Cancel();
        notBegun.ForEach(job => Say(PoolWord.NotBegun, job));
        if (message.Order == PoolOrder.GiveBack)
        {
            Say(PoolWord.NotBegun);
        }
    }

    /// <summary>When this returns, the word has left the process: if the next job ends it, that is not held against this one.</summary>
    private void Say(PoolWord word, long job = 0, int micros = 0, byte[]? packed = null)
    {
        _words.Write(PoolMessage.Word(_id, word, job, micros, packed), _receipts);
        _words.FlushThrough();
        _receipts.WaitUntil(packed is { Length: > LargeBytes } ? 0 : UnansweredMax);
    }

    private void CheckSize(int bytes)
    {
        if (bytes > _words.MaxItemBytes - PoolMessage.WordBytes)
        {
            throw new ItemTooLargeException($"The result of a job has {bytes} bytes; it may have {_words.MaxItemBytes - PoolMessage.WordBytes} at most. Put what is larger into a file, or into a queue in parts.");
        }
    }
}
