using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace QueueIpc.Serialization;

/// <summary>
/// The note at the end of an item that was put inside a trace: fields of a kind (8 bits), a length (16 bits) and so many bytes, and behind them how many
/// bytes they have together (16 bits). The broker knows of it only that an item's length says "with a note".
/// </summary>
internal static class TraceNote
{
    private const byte ParentField = 1;
    private const byte StateField = 2;
    private const int FieldPrefixBytes = 3;
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;
    private const int ParentBytes = TraceIdBytes + SpanIdBytes + 1;
    private const int StateCharsMax = 512;

    /// <summary>The note as it stands behind an item's own bytes.</summary>
    public static byte[] Of(in ActivityContext trace)
    {
        // What is longer than the standard asks for is left out.
        var state = trace.TraceState is { Length: > 0 and <= StateCharsMax } text ? Encoding.UTF8.GetBytes(text) : [];
        var fields = FieldPrefixBytes + ParentBytes + (state.Length > 0 ? FieldPrefixBytes + state.Length : 0);
        var note = new byte[fields + sizeof(ushort)];
        var rest = BeginField(note, ParentField, ParentBytes);
        trace.TraceId.CopyTo(rest[..TraceIdBytes]);
        trace.SpanId.CopyTo(rest.Slice(TraceIdBytes, SpanIdBytes));
        rest[TraceIdBytes + SpanIdBytes] = (byte)trace.TraceFlags;
        if (state.Length > 0)
        {
            state.CopyTo(BeginField(rest[ParentBytes..], StateField, state.Length));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(note.AsSpan(fields), (ushort)fields);
        return note;
    }

    /// <summary>How many of the bytes at the end of an item with a note are not the item's own; 0 if what stands there cannot be a note.</summary>
    public static int BytesAtEnd(ReadOnlySpan<byte> item)
    {
        if (item.Length < sizeof(ushort))
        {
            return 0;
        }

        var bytes = BinaryPrimitives.ReadUInt16LittleEndian(item[^sizeof(ushort)..]) + sizeof(ushort);
        return bytes <= item.Length ? bytes : 0;
    }

    /// <summary>Reads a note; fields of other kinds are for other readers.</summary>
    public static bool TryRead(ReadOnlySpan<byte> note, out ActivityContext trace)
    {
        ReadOnlySpan<byte> parent = [];
        string? state = null;
        for (var rest = note.Length < sizeof(ushort) ? [] : note[..^sizeof(ushort)]; rest.Length >= FieldPrefixBytes;)
        {
            var (kind, bytes) = (rest[0], BinaryPrimitives.ReadUInt16LittleEndian(rest[1..]));
            rest = rest[FieldPrefixBytes..];
            if (bytes > rest.Length)
            {
                break;
            }

            if (kind == ParentField && bytes == ParentBytes)
            {
                parent = rest[..ParentBytes];
            }
            else if (kind == StateField)
            {
                state = Encoding.UTF8.GetString(rest[..bytes]);
            }

            rest = rest[bytes..];
        }

        trace = parent.IsEmpty ? default : new ActivityContext(
            ActivityTraceId.CreateFromBytes(parent[..TraceIdBytes]),
            ActivitySpanId.CreateFromBytes(parent.Slice(TraceIdBytes, SpanIdBytes)),
            (ActivityTraceFlags)parent[TraceIdBytes + SpanIdBytes],
            state,
            isRemote: true);
        return trace != default;
    }

    private static Span<byte> BeginField(Span<byte> to, byte kind, int bytes)
    {
        to[0] = kind;
        BinaryPrimitives.WriteUInt16LittleEndian(to[1..], (ushort)bytes);
        return to[FieldPrefixBytes..];
    }
}
