using System.Runtime.CompilerServices;

namespace QueueIpc.Cli.Items;

/// <summary>The lines of a stream, without what ends them. All that one read brings is handed on before the next read: nothing waits in here for more to come.</summary>
internal sealed class InputLines(Stream input)
{
    private const int ReadBytes = 64 * 1024;

    private byte[] _buffer = new byte[ReadBytes];
    private int _start;
    private int _end;

    /// <summary>Each line is good until the next one is asked for.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        for (var scanned = 0; ;)
        {
            // A first search over what was searched before would make long lines quadratic.
            for (int at; (at = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n')) >= 0; scanned = 0)
            {
                var line = _buffer.AsMemory(_start, scanned + at);
                _start += scanned + at + 1;
                yield return line;
            }

            scanned = _end - _start;
            MakeRoom();

            // A blocked read of the standard input cannot be ended; it is left alone then.
            var bytes = await input.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None).AsTask().WaitAsync(ct);
            if (bytes == 0)
            {
                break;
            }

            _end += bytes;
        }

        if (_end > _start)
        {
            yield return _buffer.AsMemory(_start, _end - _start);
        }
    }

    private void MakeRoom()
    {
        var kept = _buffer.AsSpan(_start, _end - _start);
        if (kept.Length > _buffer.Length / 2)
        {
            var larger = new byte[_buffer.Length * 2];
            kept.CopyTo(larger);
            _buffer = larger;
        }
        else
        {
            kept.CopyTo(_buffer);
        }

        (_start, _end) = (0, kept.Length);
    }
}
