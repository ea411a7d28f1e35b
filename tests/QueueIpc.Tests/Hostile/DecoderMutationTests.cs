using QueueIpc.Fuzz;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;

namespace QueueIpc.Tests.Hostile;

/// <summary>What a fuzzer does, in the suite: frames that are almost right, through the decoder and all that is behind it, without a pipe.</summary>
public sealed class DecoderMutationTests(ITestOutputHelper output)
{
    private const int Connections = 152_000;
    private const int ConnectionsOfABroker = 1_000;
    private const int Frames = 300_000;

    /// <summary>Bytes.</summary>
    private const long GrowthMax = 16 << 20;

    [Fact]
    public void Session_FramesThatAreAlmostRight_EveryRefusalHasACodeAndMemoryStaysFlat()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var mutation = new Mutation(new Random(seed), [.. EveryFrame.OfClient.Select(frame => frame.ToBytes())]);
        var codes = new Dictionary<ErrorCode, int>();
        var (frames, answers, memory) = (0, 0, new List<long>());

        for (var done = 0; done < Connections; done += ConnectionsOfABroker)
        {
            using var broker = new BrokerTarget();
            for (var i = 0; i < ConnectionsOfABroker; i++)
            {
                var bytes = mutation.Next(out var count);
                frames += count;
                answers += broker.Run(bytes);
            }

            if (done % 50_000 == 0)
            {
                memory.Add(GC.GetTotalMemory(forceFullCollection: true));
            }

            foreach (var (code, count) in broker.Codes)
            {
                codes[code] = codes.GetValueOrDefault(code) + count;
            }
        }

        output.WriteLine($"{frames} frames, {answers} answers; {string.Join(", ", codes.OrderBy(code => code.Key).Select(code => $"{code.Key} {code.Value}"))}");
        output.WriteLine($"managed memory, MiB: {string.Join(", ", memory.Select(bytes => bytes >> 20))}");
        Assert.True(frames >= Frames, $"only {frames} frames");

        // The first figure also has what the tests before this one left: arrays of theirs stay in the runtime's pool for a minute.
        Assert.InRange(memory.Max() - memory[0], long.MinValue, GrowthMax);

        // What the mutations are meant to reach was reached.
        Assert.Superset(
            new HashSet<ErrorCode> { ErrorCode.BadName, ErrorCode.BadValue, ErrorCode.NoSuchQueue, ErrorCode.BadFrame, ErrorCode.FrameTooLarge, ErrorCode.UnknownOp, ErrorCode.UnknownQueue, ErrorCode.GreetedTwice, ErrorCode.DuplicateRequest },
            codes.Keys.ToHashSet());
    }
}
