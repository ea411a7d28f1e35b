using BenchmarkDotNet.Attributes;
using QueueIpc.Serialization;

namespace QueueIpc.Benchmarks;

/// <summary>A record of five fields there and back, and raw bytes beside it.</summary>
[MemoryDiagnoser]
public class SerializerBenchmarks
{
    private readonly PackedWriter _writer = new();
    private readonly Order _order = new(4711, "Müller & Söhne", 123.45m, DateTime.UnixEpoch, true);
    private readonly byte[] _bytes = new byte[64];
    private readonly ItemCodec<Order> _orders = new(MessagePackItemSerializer.Instance);
    private readonly ItemCodec<byte[]> _raw = new(MessagePackItemSerializer.Instance);

    [Benchmark]
    public int Record()
    {
        _writer.Truncate(0);
        _orders.Pack(_writer, _order);
        return _orders.Unpack(_writer.Written.AsMemory(4), isNull: false).Id;
    }

    [Benchmark]
    public int RawBytes()
    {
        _writer.Truncate(0);
        _raw.Pack(_writer, _bytes);
        return _raw.Unpack(_writer.Written.AsMemory(4), isNull: false).Length;
    }
}
