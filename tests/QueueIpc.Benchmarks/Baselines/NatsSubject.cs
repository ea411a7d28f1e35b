using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace QueueIpc.Benchmarks;

/// <summary>A NATS server with its own .NET client: a subject, which keeps nothing and confirms nothing, and a stream in memory (JetStream), which does both.</summary>
internal static class NatsSubject
{
    private const string Subject = "latency";
    private const string Stream = "latency-stream";

    public static bool IsHere { get; } = !OperatingSystem.IsWindows() && Find.OnPath("nats-server");

    public static double[] Latency(bool isJetStream, int perSecond, int count)
    {
        var port = FreePort();
        var url = $"nats://127.0.0.1:{port}";
        using var server = PeerServer.Start("nats-server", (folder, file) => ["-a", "127.0.0.1", "-p", $"{port}", "-js", "-sd", folder, "-l", Path.Combine(folder, "log"), "-P", file]);
        using var result = IpcQueue.Create<double[]>();
        using var ready = IpcQueue.Create<bool>();
        using var consumer = isJetStream
            ? WorkerProcess.Start(ConsumeStream, url, count, ready, result)
            : WorkerProcess.Start(ConsumeSubject, url, count, ready, result);
        ready.Get();
        using var producer = WorkerProcess.Start(Produce, url, isJetStream, perSecond, count);
        return result.Get();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The server is started, and may not listen yet. What its subscriber has no room for must not be thrown away, which is the usual.</summary>
    private static NatsOpts Options(string url) => new() { Url = url, RetryOnInitialConnect = true, SubPendingChannelFullMode = BoundedChannelFullMode.Wait };

    private static async Task Produce(string url, bool isJetStream, int perSecond, int count)
    {
        await using var connection = new NatsConnection(Options(url));
        await connection.ConnectAsync();
        var stream = new NatsJSContext(connection);
        var last = Task.CompletedTask;

        // The item is used again, and the client has not sent it when its call returns.
        await Task.Run(() => Benchmarks.Latency.AtRate(perSecond, count, item => last = isJetStream
            ? stream.PublishAsync(Subject, item.ToArray()).AsTask()
            : connection.PublishAsync(Subject, item.ToArray()).AsTask()));
        await last;
        await connection.PingAsync();
    }

    private static async Task ConsumeSubject(string url, int count, IpcQueue<bool> ready, IpcQueue<double[]> result)
    {
        await using var connection = new NatsConnection(Options(url));
        await using var subscription = await connection.SubscribeCoreAsync<byte[]>(Subject);
        await connection.PingAsync();
        ready.Put(true);
        var (histogram, i) = (Benchmarks.Latency.NewHistogram(), 0);
        await foreach (var message in subscription.Msgs.ReadAllAsync())
        {
            Benchmarks.Latency.Record(histogram, i++, count, message.Data);
            if (i == count)
            {
                break;
            }
        }

        result.Put(Benchmarks.Latency.Figures(histogram));
    }

    private static async Task ConsumeStream(string url, int count, IpcQueue<bool> ready, IpcQueue<double[]> result)
    {
        await using var connection = new NatsConnection(Options(url));
        var context = new NatsJSContext(connection);
        await context.CreateStreamAsync(new StreamConfig(Stream, [Subject]) { Retention = StreamConfigRetention.Workqueue, Storage = StreamConfigStorage.Memory });
        var consumer = await context.CreateOrUpdateConsumerAsync(Stream, new ConsumerConfig("reader") { AckPolicy = ConsumerConfigAckPolicy.Explicit, MaxAckPending = -1 });
        ready.Put(true);
        var (histogram, i) = (Benchmarks.Latency.NewHistogram(), 0);
        await foreach (var message in consumer.ConsumeAsync<byte[]>())
        {
            Benchmarks.Latency.Record(histogram, i++, count, message.Data);
            await message.AckAsync();
            if (i == count)
            {
                break;
            }
        }

        result.Put(Benchmarks.Latency.Figures(histogram));
    }
}
