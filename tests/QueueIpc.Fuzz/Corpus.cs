using System.Diagnostics;
using QueueIpc.Tests.Protocol;

namespace QueueIpc.Fuzz;

/// <summary>What a fuzzer begins with: one good frame of every kind.</summary>
internal static class Corpus
{
    private const int ConnectionsOfABroker = 1000;

    private static IReadOnlyList<byte[]> Frames => [.. EveryFrame.OfClient.Select(frame => frame.ToBytes())];

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (i, frame) in Frames.Index())
        {
            File.WriteAllBytes(Path.Combine(folder, $"{i:00}"), frame);
        }
    }

    /// <summary>The same target without a fuzzer, for so many seconds. What it finds is an exception, with the bytes.</summary>
    public static int Loop(int seed, int seconds)
    {
        var mutation = new Mutation(new Random(seed), Frames);
        var (watch, connections, frames) = (Stopwatch.StartNew(), 0L, 0L);
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            using var target = new BrokerTarget();
            for (var i = 0; i < ConnectionsOfABroker; i++, connections++)
            {
                var bytes = mutation.Next(out var count);
                frames += count;
                try
                {
                    target.Run(bytes);
                }
                catch (Exception e)
                {
                    Console.Error.WriteLine($"seed {seed}, connection {connections}: {Convert.ToHexString(bytes)}\n{e}");
                    return 1;
                }
            }
        }

        Console.WriteLine($"seed {seed}: {connections} connections, {frames} frames, no fault");
        return 0;
    }
}
