using System.Buffers;
using BenchmarkDotNet.Attributes;
using QueueIpc.Serialization;

namespace QueueIpc.Benchmarks;

/// <summary>A record of five fields there and back, and raw bytes beside it.</summary>
[MemoryDiagnoser]
public class SerializerBenchmarks
{
    private readonly ArrayBufferWriter<byte> _writer = new(1024);
    private readonly Order _order = new(4711, "Müller & Söhne", 123.45m, DateTime.UnixEpoch, true);
    private readonly byte[] _bytes = new byte[64];

    [Benchmark]
    public int Record()
    {
        _writer.ResetWrittenCount();
        ItemCodec.Pack(_writer, _order, MessagePackItemSerializer.Instance);
        return ItemCodec.Unpack<Order>(_writer.WrittenMemory[4..], isNull: false, MessagePackItemSerializer.Instance).Id;
    }

    [Benchmark]
    public int RawBytes()
    {
        _writer.ResetWrittenCount();
        ItemCodec.Pack(_writer, _bytes, MessagePackItemSerializer.Instance);
        return ItemCodec.Unpack<byte[]>(_writer.WrittenMemory[4..], isNull: false, MessagePackItemSerializer.Instance).Length;
    }
}
