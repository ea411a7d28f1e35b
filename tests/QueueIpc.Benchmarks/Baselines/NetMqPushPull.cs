using System.Diagnostics;
using NetMQ;
using NetMQ.Sockets;

namespace QueueIpc.Benchmarks;

/// <summary>
/// NetMQ's push and pull sockets over loopback: no broker, no acknowledgement, whatever is under way is lost with either side. Now and then something is, although
/// the producer lingers: what has arrived is what counts.
/// </summary>
internal static class NetMqPushPull
{
    private const int LookAtClockEvery = 100;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    public static double ItemsPerSecond(int count)
    {
        using var ready = IpcQueue.Create<int>();
        using var result = IpcQueue.Create<double>();
        using var consumer = WorkerProcess.Start(Pull, ready, result, count);
        using var producer = WorkerProcess.Start(Push, ready.Get(), count);
        var itemsPerSecond = result.Get();
        producer.WaitForExit();
        consumer.WaitForExit();
        return itemsPerSecond;
    }

    private static void Push(int port, int count)
    {
        using (var socket = new PushSocket())
        {
            socket.Options.Linger = TimeSpan.FromSeconds(30);
            socket.Connect($"tcp://127.0.0.1:{port}");
            var item = new byte[64];
            for (var i = 0; i < count; i++)
            {
                socket.SendFrame(item);
            }
        }

        NetMQConfig.Cleanup();
    }

    private static void Pull(IpcQueue<int> ready, IpcQueue<double> result, int count)
    {
        using (var socket = new PullSocket())
        {
            ready.Put(socket.BindRandomPort("tcp://127.0.0.1"));
            for (var warmUp = 0; warmUp < count / 5; warmUp++)
            {
                socket.ReceiveFrameBytes();
            }

            var begun = Stopwatch.GetTimestamp();
            var (received, timed, last) = (0, 0, begun);
            while (received < count - (count / 5) && socket.TryReceiveFrameBytes(Silence, out _))
            {
                // To look at the clock for each of a million would be measured as well.
                if (++received % LookAtClockEvery == 0)
                {
                    (timed, last) = (received, Stopwatch.GetTimestamp());
                }
            }

            result.Put(timed / Stopwatch.GetElapsedTime(begun, last).TotalSeconds);
        }

        NetMQConfig.Cleanup();
    }
}
