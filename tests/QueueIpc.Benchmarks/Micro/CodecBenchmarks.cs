using BenchmarkDotNet.Attributes;
using QueueIpc.Protocol;

namespace QueueIpc.Benchmarks;

/// <summary>A frame of many small items, written and found again.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private readonly OutBuffer _out = new();
    private readonly FrameReader _reader = new(1 << 20);
    private readonly byte[] _item = new byte[64];

    [Params(1, 800)]
    public int Items { get; set; }

    [Benchmark]
    public int WriteAndRead()
    {
        _out.BeginFrame(Op.Items, 1, 1);
        _out.Int32(Items);
        for (var i = 0; i < Items; i++)
        {
            _out.Int32(_item.Length);
            _out.Append(_item, 0, _item.Length);
        }

        _out.EndFrame();
        var frames = 0;
        foreach (var segment in _out.Segments())
        {
            for (ReadOnlySpan<byte> rest = segment.AsSpan(); !rest.IsEmpty;)
            {
                _reader.Take(ref rest);
                while (_reader.TryRead(out _, out _))
                {
                    frames++;
                }
            }
        }

        _out.Clear();
        return frames;
    }
}
