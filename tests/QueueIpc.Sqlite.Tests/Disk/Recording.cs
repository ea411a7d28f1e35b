using System.Globalization;
using System.Text;

namespace QueueIpc.Sqlite.Tests.Disk;

internal enum CallKind
{
    Write,
    Truncate,
    Flush,

    /// <summary>Somebody was told something.</summary>
    Said,
}

/// <summary>One thing that a writer asked of the system. The file is "queues.db" or "queues.db-wal".</summary>
internal sealed record Call(CallKind Kind, string File, long Offset, byte[] Bytes);

/// <summary>What strace has written down: each write of the database and its log, each flush when it was over, and each line that was said when it began.</summary>
internal static class Recording
{
    public static string[] StraceTo(string file) => ["strace", "-f", "-y", "-xx", "-s", "200000", "-e", "trace=pwrite64,fsync,fdatasync,ftruncate,write", "-o", file];

    public static List<Call> Read(string file)
    {
        var calls = new List<Call>();
        var flushing = new Dictionary<string, string>();
        foreach (var line in File.ReadLines(file))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var thread = line[..space];
            var rest = line.AsSpan(space).TrimStart();
            if (rest.StartsWith("<... f") && flushing.Remove(thread, out var flushed))
            {
                calls.Add(new Call(CallKind.Flush, flushed, 0, []));
                continue;
            }

            var open = rest.IndexOf('(');
            if (rest.StartsWith("<") || open < 0)
            {
                continue;
            }

            var arguments = rest[(open + 1)..];
            var name = FileOf(arguments);
            switch (rest[..open])
            {
                case "write" when arguments.StartsWith("1<"):
                    calls.AddRange(Encoding.ASCII.GetString(BytesOf(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(said => new Call(CallKind.Said, said, 0, [])));
                    break;
                case "pwrite64" when name is not null:
                    calls.Add(new Call(CallKind.Write, name, NumberBehind(arguments, 2), BytesOf(arguments)));
                    break;
                case "ftruncate" when name is not null:
                    calls.Add(new Call(CallKind.Truncate, name, NumberBehind(arguments, 1), []));
                    break;
                case "fsync" or "fdatasync" when name is not null && arguments.Contains("unfinished", StringComparison.Ordinal):
                    flushing[thread] = name;
                    break;
                case "fsync" or "fdatasync" when name is not null:
                    calls.Add(new Call(CallKind.Flush, name, 0, []));
                    break;
            }
        }

        return calls;
    }

    /// <summary>Of what stands behind the descriptor, in hexadecimal; null if it is neither the database nor its log.</summary>
    private static string? FileOf(ReadOnlySpan<char> arguments)
    {
        var (start, end) = (arguments.IndexOf('<'), arguments.IndexOf('>'));
        if (start < 0 || end < start)
        {
            return null;
        }

        var path = arguments[(start + 1)..end];
        var name = Path.GetFileName(path.StartsWith("\\x") ? Encoding.UTF8.GetString(Unescape(path)) : path.ToString());
        return name is "queues.db" or "queues.db-wal" ? name : null;
    }

    private static byte[] BytesOf(ReadOnlySpan<char> arguments)
    {
        var start = arguments.IndexOf('"') + 1;
        return Unescape(arguments[start..(start + arguments[start..].IndexOf('"'))]);
    }

    private static byte[] Unescape(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length / 4];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = byte.Parse(text.Slice((i * 4) + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return bytes;
    }

    /// <summary>The number behind so many commas, of which none is in hexadecimal text.</summary>
    private static long NumberBehind(ReadOnlySpan<char> arguments, int commas)
    {
        var rest = arguments;
        for (var i = 0; i < commas + (arguments.Contains('"') ? 1 : 0); i++)
        {
            rest = rest[(rest.IndexOf(',') + 1)..];
        }

        rest = rest.TrimStart();
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        return long.Parse(end < 0 ? rest : rest[..end], CultureInfo.InvariantCulture);
    }
}
