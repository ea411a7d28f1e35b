using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Broker;
using QueueIpc.Protocol;
using QueueIpc.Transport;

namespace QueueIpc.Fuzz;

/// <summary>
/// A broker without a pipe, and a client that says what a fuzzer makes up. Whatever that is, the answers are frames in order, every refusal has a
/// code that exists, and an error ends that connection; anything else is an exception, which is what the fuzzer looks for.
/// </summary>
internal sealed class BrokerTarget : IDisposable
{
    private const int MaxItemBytes = 1024 * 1024;
    private const int AnswersToGreeting = 4;
    private static readonly byte[] Greeting = Greet();

    private readonly DeadlineClock _clock = new();
    private readonly BrokerServices _services;
    private readonly Dictionary<ErrorCode, int> _codes = [];

    public BrokerTarget() => _services = new BrokerServices(
        new QueueBrokerOptions { MaxItemBytes = MaxItemBytes, MaxMemoryBytes = 8 * MaxItemBytes, MaxQueues = 1000, HandshakeTimeout = TimeSpan.FromHours(1) }, NullLogger.Instance, _clock, () => [], _ => { }).Start();

    /// <summary>How often each code was the answer.</summary>
    public IReadOnlyDictionary<ErrorCode, int> Codes => _codes;

    /// <summary>One connection: a greeting, an unnamed queue open as number 1 with two items, one of them leased, and then these bytes. How many answers they got.</summary>
    public int Run(ReadOnlySpan<byte> bytes)
    {
        var (mine, theirs) = MemoryLink.CreatePair();
        var session = new BrokerSession(_services, theirs);
        theirs.Received = session.Receive;
        theirs.Ended = session.EndInside;
        var answers = new Answers();
        mine.Received = answers.Receive;
        mine.Write(Greeting);
        Check(answers.Count == AnswersToGreeting, "the greeting is not answered");
        mine.Write(bytes);
        mine.Abort();
        foreach (var code in answers.TakeCodes())
        {
            _codes[code] = _codes.GetValueOrDefault(code) + 1;
        }

        return answers.Count - AnswersToGreeting;
    }

    public void Dispose() => _clock.Dispose();

    private static byte[] Greet()
    {
        var to = new OutBuffer();
        to.BeginFrame(Op.Hello, 0, 1);
        to.UInt32(ProtocolLimits.Magic);
        to.UInt16(1);
        to.Int32(1);
        to.EndFrame();
        to.BeginFrame(Op.Open, 0, 1);
        to.Text(string.Empty);
        to.Bool(false);
        to.EndFrame();
        to.BeginFrame(Op.Put, 1, 1);
        to.Int64(0);
        to.Copy([2, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0]);
        to.EndFrame();
        to.BeginFrame(Op.Get, 1, 1, FrameHeader.LeaseFlag);
        to.Int64(0);
        to.Int32(1);
        to.EndFrame();
        return [.. to.Segments().SelectMany(segment => segment)];
    }

    private static void Check(bool isSo, string what)
    {
        if (!isSo)
        {
            throw new InvalidOperationException(what);
        }
    }

    /// <summary>What one connection is told. The broker's clock may have something to say to it as well, and even when it is over.</summary>
    private sealed class Answers
    {
        private readonly Lock _lock = new();
        private readonly FrameReader _reader = new(int.MaxValue);
        private readonly List<ErrorCode> _codes = [];
        private bool _isOver;
        private int _count;

        public int Count
        {
            get
            {
                lock (_lock)
                {
                    return _count;
                }
            }
        }

        public ErrorCode[] TakeCodes()
        {
            lock (_lock)
            {
                return [.. _codes];
            }
        }

        public void Receive(ReadOnlySpan<byte> bytes)
        {
            lock (_lock)
            {
                while (!bytes.IsEmpty)
                {
                    _reader.Take(ref bytes);
                    while (_reader.TryRead(out var header, out var body))
                    {
                        Read(header, new BodyReader(body));
                    }
                }
            }
        }

        private void Read(in FrameHeader header, BodyReader body)
        {
            Check(!_isOver, "something comes behind an error");
            Check(header.Op >= Op.Welcome && Enum.IsDefined(header.Op), $"the broker says {header.Op}");
            _count++;
            if (header.Op is not (Op.Refused or Op.Error))
            {
                return;
            }

            var code = (ErrorCode)body.UInt16();
            Check(Enum.IsDefined(code), $"a code that is none: {code}");
            Check(header.Op == Op.Error == code >= ErrorCode.BadMagic, $"{header.Op} with {code}");
            Check(body.Text().Length > 0, "a refusal without words");
            body.End();
            _codes.Add(code);
            _isOver = header.Op == Op.Error;
        }
    }
}
