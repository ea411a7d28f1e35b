using System.Buffers.Binary;
using System.Runtime.InteropServices;
using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc.Client;

/// <summary>One item as it was delivered. Its sequence number is 0 where it does not come along: without a token, and from brokers of version 1.</summary>
internal readonly record struct DeliveredItem(ulong Token, int Failures, ReadOnlyMemory<byte> Bytes, bool IsNull, int NoteBytes, long Sequence = 0)
{
    public bool HasNote => NoteBytes > 0;

    /// <summary>What stands behind the item's own bytes; nothing for most.</summary>
    public ReadOnlySpan<byte> Note =>
        HasNote && MemoryMarshal.TryGetArray(Bytes, out var own) ? own.Array.AsSpan(own.Offset + own.Count, NoteBytes) : [];
}

/// <summary>A cursor over the items of an Items frame.</summary>
internal struct DeliveredItems
{
    private readonly byte[] _body;
    private readonly int _end;
    private readonly bool _withTokens;
    private readonly bool _withSequences;
    private int _at;

    public DeliveredItems(byte[] body, int bytes, bool withTokens, ushort version)
    {
        (_body, _end, _withTokens, _withSequences) = (body, bytes, withTokens, withTokens && version > 1);
        Remaining = new BodyReader(body.AsSpan(0, bytes)).Count(PrefixBytes(withTokens, version));
        _at = sizeof(int);
    }

    public int Remaining { get; private set; }

    public DeliveredItem Next()
    {
        ulong token = 0;
        var (failures, sequence) = (0, 0L);
        if (_withTokens)
        {
            token = ReadUInt64(_at);
            failures = (int)ReadUInt32(_at + 8);
            _at += 12;
        }

        if (_withSequences)
        {
            sequence = (long)ReadUInt64(_at);
            _at += sizeof(long);
        }

        var length = (int)ReadUInt32(_at);
        _at += ItemBatch.PrefixBytes;
        var stored = Item.BytesOf(length);
        if (length < Item.NullLength || stored > _end - _at)
        {
            throw Short();
        }

        var note = length < Item.NoteFlag ? 0 : TraceNote.BytesAtEnd(_body.AsSpan(_at, stored));
        var item = new DeliveredItem(token, failures, _body.AsMemory(_at, stored - note), length == Item.NullLength, note, sequence);
        _at += stored;
        Remaining--;
        return item;
    }

    /// <summary>The tokens of all that remain; this cursor stays where it is.</summary>
    public readonly ulong[] Tokens()
    {
        var rest = this;
        var tokens = new ulong[Remaining];
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = rest.Next().Token;
        }

        return tokens;
    }

    /// <summary>Makes sure that a body has what its count and lengths say, so that whoever takes the items can rely on it.</summary>
    public static void Check(ref BodyReader body, bool withTokens, ushort version)
    {
        body.Items(body.Count(PrefixBytes(withTokens, version)), PrefixBytes(withTokens, version) - ItemBatch.PrefixBytes, out _);
    }

    private static int PrefixBytes(bool withTokens, ushort version) =>
        ItemBatch.PrefixBytes + (withTokens ? sizeof(ulong) + sizeof(int) + (version > 1 ? sizeof(long) : 0) : 0);

    private readonly ulong ReadUInt64(int at) => ReadUInt32(at) | ((ulong)ReadUInt32(at + 4) << 32);

    private readonly uint ReadUInt32(int at) => at <= _end - sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(_body.AsSpan(at)) : throw Short();

    private static ProtocolException Short() => new(ErrorCode.BadFrame, "a frame of items ends in the middle of an item");
}
