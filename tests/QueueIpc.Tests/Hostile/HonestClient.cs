using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Hostile;

/// <summary>Puts and gets on a connection of its own all the while, a thousand times a second, or as fast as it goes while that is measured.</summary>
internal sealed class HonestClient : IDisposable
{
    /// <summary>It is there to be served, not to take a processor from those who attack.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    private readonly QueueClient _client;
    private readonly Task _work;
    private readonly ManualResetEventSlim _stop = new();
    private volatile Measurement? _measurement;
    private long _rounds;

    public HonestClient(string endpoint)
    {
        _client = QueueClient.Connect(endpoint, new QueueClientOptions { ConnectTimeout = Times.Long });
        _work = Run.OnThread(Work);
        WaitRounds(1);
    }

    /// <summary>Returns when so many further items have gone to the broker and come back.</summary>
    public void WaitRounds(int rounds)
    {
        var until = Interlocked.Read(ref _rounds) + rounds;
        Eventually.True(() => _work.IsCompleted || Interlocked.Read(ref _rounds) >= until);
        if (_work.IsFaulted)
        {
            _work.GetAwaiter().GetResult();
        }
    }

    /// <summary>How long each round takes from now on and for so long, in microseconds.</summary>
    public Task<List<double>> MeasureFor(TimeSpan time)
    {
        var measurement = new Measurement(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));
        _measurement = measurement;
        return measurement.Done.Task.WaitAsync(Times.Long);
    }

    public void Dispose()
    {
        _stop.Set();
        try
        {
            Assert.True(((IAsyncResult)_work).AsyncWaitHandle.WaitOne(Times.Long), "the honest client hangs");
        }
        finally
        {
            _client.Dispose();
            _stop.Dispose();
        }
    }

    private void Work()
    {
        using var queue = _client.OpenQueue<int>("honest");
        for (var i = 0; !_stop.Wait(_measurement is null ? Pace : TimeSpan.Zero); i++)
        {
            var start = Stopwatch.GetTimestamp();
            queue.Put(i, Times.Long);
            Assert.Equal(i, queue.Get(Times.Long));
            var end = Stopwatch.GetTimestamp();
            if (_measurement is { } measurement)
            {
                measurement.Micros.Add(Stopwatch.GetElapsedTime(start, end).TotalMicroseconds);
                if (end >= measurement.End)
                {
                    _measurement = null;
                    measurement.Done.SetResult(measurement.Micros);
                }
            }

            Interlocked.Increment(ref _rounds);
        }
    }

    private sealed record Measurement(long End)
    {
        public List<double> Micros { get; } = [];

        public TaskCompletionSource<List<double>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
