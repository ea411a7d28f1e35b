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
    private static readonly byte[] Greeting = Greet();

    private readonly BrokerServices _services = new BrokerServices(
        new QueueBrokerOptions { MaxItemBytes = MaxItemBytes, MaxMemoryBytes = 8 * MaxItemBytes, MaxQueues = 1000 }, NullLogger.Instance, () => [], _ => { }).Start();

    private readonly FrameReader _reader = new(int.MaxValue);
    private readonly Dictionary<ErrorCode, int> _codes = [];
    private int _answers;
    private bool _isOver;

    /// <summary>How often each code was the answer.</summary>
    public IReadOnlyDictionary<ErrorCode, int> Codes => _codes;

    /// <summary>One connection: a greeting, an unnamed queue open as number 1 with two items, one of them leased, and then these bytes. How many answers they got.</summary>
    public int Run(ReadOnlySpan<byte> bytes)
    {
        var (mine, theirs) = MemoryLink.CreatePair();
        var session = new BrokerSession(_services, theirs);
        theirs.Received = session.Receive;
        theirs.Ended = session.EndInside;
        mine.Received = Receive;
        (_answers, _isOver) = (0, false);
        mine.Write(Greeting);
        Check(_answers == 4, "the greeting is not answered");
        _answers = 0;
        mine.Write(bytes);
        Check(session.HasGreetedOrEnded, "the session forgot its greeting");
        mine.Abort();
        mine.Received = null;
        _reader.Release();
        return _answers;
    }

    public void Dispose() => _services.Clock.Dispose();

    private void Receive(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _reader.Take(ref bytes);
            while (_reader.TryRead(out var header, out var body))
            {
                Check(!_isOver, "something comes behind an error");
                Check(header.Op >= Op.Welcome && Enum.IsDefined(header.Op), $"the broker says {header.Op}");
                _answers++;
                if (header.Op is Op.Refused or Op.Error)
                {
                    Refused(header.Op, new BodyReader(body));
                }
            }
        }
    }

    private void Refused(Op op, BodyReader body)
    {
        var code = (ErrorCode)body.UInt16();
        Check(Enum.IsDefined(code), $"a code that is none: {code}");
        Check(op == Op.Error == code >= ErrorCode.BadMagic, $"{op} with {code}");
        Check(body.Text().Length > 0, "a refusal without words");
        body.End();
        _codes[code] = _codes.GetValueOrDefault(code) + 1;
        _isOver = op == Op.Error;
    }

    private static byte[] Greet()
    {
        var to = new OutBuffer();
        to.BeginFrame(Op.Hello, 0, 1);
        to.UInt32(ProtocolLimits.Magic);
        to.UInt16(ProtocolLimits.Version);
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
}
