using System.Buffers.Binary;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Hostile;

/// <summary>Something that a client must not say: bytes that are a little different each time, and the code with which the broker ends the connection.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Code">What the broker says of it.</param>
/// <param name="IsGreeting">Whether it comes first on its connection; else behind a greeting, and behind a queue that is open as number 1.</param>
/// <param name="Bytes">What to send.</param>
internal sealed record Attack(string Name, ErrorCode Code, bool IsGreeting, Func<Random, byte[]> Bytes)
{
    private const int BodyBytesMax = AttackedBroker.MaxItemBytes + ProtocolLimits.FrameOverheadBytesMax;

    /// <summary>Made once: to make it again takes longer than to send it.</summary>
    private static readonly byte[] TenMegabytes = RandomBytes(new Random(10), 10_000_000);

    private static readonly byte[] LongName = [0xFF, 0xFF, .. Enumerable.Repeat((byte)'n', 900_000)];

    public static IReadOnlyList<Attack> All { get; } = [.. Greetings(), .. Headers(), .. Bodies()];

    /// <summary>A greeting, and a queue open as number 1.</summary>
    public static byte[] Greeting { get; } = [.. EveryFrame.OfClient[0].ToBytes(), .. EveryFrame.OfClient[1].ToBytes()];

    /// <summary>Makes the attack on a connection of its own, and answers the code with which that ended.</summary>
    public ErrorCode On(string endpoint, Random random)
    {
        using var hostile = new RawClient(endpoint);
        if (IsGreeting)
        {
            hostile.TrySend(Bytes(random));
            return (ErrorCode)hostile.ReadErrorAndEnd();
        }

        hostile.Send(Greeting);
        hostile.TrySend(Bytes(random));
        Assert.Equal(RawClient.Welcome, hostile.ReadFrame().Op);
        Assert.Equal(RawClient.Opened, hostile.ReadFrame().Op);
        return (ErrorCode)hostile.ReadErrorAndEnd();
    }

    private static IEnumerable<Attack> Greetings()
    {
        yield return First("random bytes", ErrorCode.FrameTooLarge, random => RandomBytes(random, random.Next(FrameHeader.Size, 1000)));
        yield return First("a web browser's greeting", ErrorCode.FrameTooLarge, _ => "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        yield return First("a TLS greeting", ErrorCode.FrameTooLarge, random => [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, .. RandomBytes(random, 500)]);
        yield return First("an SSH greeting", ErrorCode.FrameTooLarge, _ => "SSH-2.0-OpenSSH_9.9 Debian\r\n"u8.ToArray());
        yield return First("wrong magic", ErrorCode.BadMagic, random => Hello((uint)random.Next(), 1));
        yield return First("magic in the other byte order", ErrorCode.BadMagic, _ => Hello(BinaryPrimitives.ReverseEndianness(ProtocolLimits.Magic), 1));
        yield return First("version 0", ErrorCode.BadVersion, _ => Hello(ProtocolLimits.Magic, 0));
        yield return First("a version to come", ErrorCode.BadVersion, random => Hello(ProtocolLimits.Magic, (ushort)random.Next(ProtocolLimits.Version + 1, 0x1_0000)));
        yield return First("a greeting that is too short", ErrorCode.BadFrame, random => HelloCut(random.Next(0, 10)));
        yield return First("a greeting that is too long", ErrorCode.BadFrame, random => Frame(Op.Hello, 0, [.. HelloBody, .. RandomBytes(random, random.Next(1, 1000))]));
        yield return First("a greeting of more than a kilobyte", ErrorCode.FrameTooLarge, random => WithLength(Hello(ProtocolLimits.Magic, 1), (uint)random.Next(ProtocolLimits.HelloBytesMax + 1, BodyBytesMax)));
        yield return First("a request before the greeting", ErrorCode.NotGreeted, random => Frame(AnyBut(random, Op.Hello), (uint)random.Next(), RandomBytes(random, random.Next(0, 1000))));
    }

    private static IEnumerable<Attack> Headers()
    {
        yield return Then("a body of 2^31-1 bytes", ErrorCode.FrameTooLarge, random => WithLength(AnyFrame(random), int.MaxValue));
        yield return Then("a body of 2^31 bytes", ErrorCode.FrameTooLarge, random => WithLength(AnyFrame(random), 1u << 31));
        yield return Then("a body of 2^32-1 bytes", ErrorCode.FrameTooLarge, random => WithLength(AnyFrame(random), uint.MaxValue));
        yield return Then("a body one byte beyond the limit", ErrorCode.FrameTooLarge, random => WithLength(AnyFrame(random), BodyBytesMax + 1));
        yield return Then("reserved bytes", ErrorCode.BadFrame, WithReserved);
        yield return Then("an unknown request about a queue", ErrorCode.UnknownOp, random => Frame(UnknownOp(random, queue: 1), 1, RandomBytes(random, random.Next(0, 100))));
        yield return Then("an unknown request about the connection", ErrorCode.UnknownOp, random => Frame(UnknownOp(random, queue: 0), 0, RandomBytes(random, random.Next(0, 100))));
        yield return Then("a queue number that is not open", ErrorCode.UnknownQueue, random => Frame(AnyBut(random, Op.Hello), (uint)random.Next(2, int.MaxValue), []));
        yield return Then("a second greeting", ErrorCode.GreetedTwice, _ => Hello(ProtocolLimits.Magic, 1));
        yield return Then("a number that waits already", ErrorCode.DuplicateRequest, random => [.. Wait(7), .. AnyOf(random, Wait(7), Frame(Op.Join, 1, new byte[8], 7))]);
    }

    private static IEnumerable<Attack> Bodies()
    {
        yield return Then("a body that is cut", ErrorCode.BadFrame, CutBody);
        yield return Then("a body with something behind it", ErrorCode.BadFrame, LongBody);
        yield return Then("a name of ten megabytes", ErrorCode.FrameTooLarge, _ => Frame(Op.Open, 0, TenMegabytes));
        yield return Then("a name as long as a frame may be", ErrorCode.BadFrame, _ => Frame(Op.Open, 0, LongName));
        yield return Then("a name of broken UTF-8", ErrorCode.BadFrame, random => Frame(Op.Open, 0, [2, 0, .. AnyOf<byte[]>(random, [0xC0, 0x80], [0xFF, 0xFE], [0xED, 0xA0]), 0]));
        yield return Then("a truth value of neither", ErrorCode.BadFrame, random => Frame(Op.Complete, 1, [(byte)random.Next(2, 256)]));
        yield return Then("2^31 items in a put", ErrorCode.BadFrame, _ => Frame(Op.Put, 1, [.. new byte[8], 0, 0, 0, 0x80, .. new byte[100]]));
        yield return Then("one item more than a put has", ErrorCode.BadFrame, random => PutSaying(random, extra: 1));
        yield return Then("one item less than a put has", ErrorCode.BadFrame, random => PutSaying(random, extra: -1));
        yield return Then("an item longer than its put", ErrorCode.BadFrame, random => Frame(Op.Put, 1, [.. new byte[8], 1, 0, 0, 0, .. Int32(random.Next(101, int.MaxValue)), .. new byte[100]]));
        yield return Then("an item of less than nothing", ErrorCode.BadFrame, random => Frame(Op.Put, 1, [.. new byte[8], 1, 0, 0, 0, .. Int32(-random.Next(2, int.MaxValue))]));
        yield return Then("2^32-1 tokens", ErrorCode.BadFrame, random => Frame(Op.Ack, 1, [0xFF, 0xFF, 0xFF, 0xFF, .. RandomBytes(random, 80)]));
        yield return Then("a confirmation of what was not sent", ErrorCode.BadFrame, random => [.. Frame(Op.Subscribe, 1, [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], 8), .. Frame(Op.Advance, 1, [.. BitConverter.GetBytes(random.NextInt64(1, long.MaxValue)), 1, 0, 0, 0], 8)]);
    }

    private static Attack First(string name, ErrorCode code, Func<Random, byte[]> bytes) => new(name, code, IsGreeting: true, bytes);

    private static Attack Then(string name, ErrorCode code, Func<Random, byte[]> bytes) => new(name, code, IsGreeting: false, bytes);

    private static byte[] HelloBody => EveryFrame.OfClient[0].Body;

    private static byte[] Frame(Op op, uint queue, byte[] body, ulong request = 99)
    {
        var bytes = new byte[FrameHeader.Size + body.Length];
        new FrameHeader(body.Length, op, 0, queue, request).Write(bytes);
        body.CopyTo(bytes, FrameHeader.Size);
        return bytes;
    }

    private static byte[] Hello(uint magic, ushort version) => Frame(Op.Hello, 0, [.. BitConverter.GetBytes(magic), .. BitConverter.GetBytes(version), 1, 2, 3, 4]);

    private static byte[] HelloCut(int bytes) => Frame(Op.Hello, 0, HelloBody[..bytes]);

    private static byte[] Wait(ulong request) => Frame(Op.Get, 1, [.. Enumerable.Repeat((byte)0xFF, 8), 1, 0, 0, 0], request);

    private static byte[] PutSaying(Random random, int extra)
    {
        var items = random.Next(1, 50);
        return Frame(Op.Put, 1, [.. new byte[8], .. Int32(items + extra), .. Enumerable.Repeat<byte[]>([2, 0, 0, 0, 7, 7], items).SelectMany(item => item)]);
    }

    private static byte[] CutBody(Random random)
    {
        var frame = AnyOf(random, [.. EveryFrame.OfClient.Where(frame => frame.Op != Op.Hello && frame.Body.Length > 0)]);
        return Frame(frame.Op, frame.Queue, frame.Body[..random.Next(0, frame.Body.Length)]);
    }

    private static byte[] LongBody(Random random)
    {
        var frame = AnyOf(random, [.. EveryFrame.OfClient.Where(frame => frame.Op != Op.Hello)]);
        return Frame(frame.Op, frame.Queue, [.. frame.Body, .. RandomBytes(random, random.Next(1, 100))]);
    }

    private static byte[] AnyFrame(Random random) => AnyOf(random, [.. EveryFrame.OfClient]).ToBytes();

    private static byte[] WithLength(byte[] frame, uint bodyBytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, bodyBytes);
        return frame;
    }

    private static byte[] WithReserved(Random random)
    {
        var frame = AnyFrame(random);
        frame[random.Next(6, 8)] = (byte)random.Next(1, 256);
        return frame;
    }

    private static Op AnyBut(Random random, Op not) => (Op)AnyOf(random, [.. Enumerable.Range(0, 256).Where(op => op != (int)not)]);

    private static Op UnknownOp(Random random, uint queue)
    {
        var known = EveryFrame.OfClient.Where(frame => frame.Op == Op.Hello || frame.Queue > 0 == queue > 0).Select(frame => (int)frame.Op).ToHashSet();
        return (Op)AnyOf(random, [.. Enumerable.Range(0, 256).Where(op => !known.Contains(op))]);
    }

    private static T AnyOf<T>(Random random, params T[] these) => these[random.Next(these.Length)];

    private static byte[] Int32(int value) => BitConverter.GetBytes(value);

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        if (count >= 4)
        {
            // Taken for a length, it is a very large one.
            bytes[3] |= 0x80;
        }

        return bytes;
    }
}
