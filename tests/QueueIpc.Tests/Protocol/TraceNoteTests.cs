using System.Diagnostics;
using QueueIpc.Client;
using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Serialization;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Tests.Protocol;

public sealed class TraceNoteTests
{
    private static readonly ActivityContext Trace = new(
        ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c"), ActivitySpanId.CreateFromString("b7ad6b7169203331"), ActivityTraceFlags.Recorded, isRemote: true);

    [Fact]
    public void Pack_ItemWithANote_IsWhatTheProtocolSays()
    {
        Assert.Contains($"\n{Hex(PackedWithNote([1, 2, 3]))}\n", Repository.Read("docs/protocol.md"));
    }

    [Fact]
    public void Delivered_ItemWithANote_HasTheItemsBytesAndTheTrace()
    {
        var items = Deliver(PackedWithNote([1, 2, 3]));

        var item = items.Next();

        Assert.Equal([1, 2, 3], item.Bytes.ToArray());
        Assert.True(TraceNote.TryRead(item.Note, out var read));
        Assert.Equal(Trace, read);
    }

    [Fact]
    public void TryRead_StateOfUpTo512Characters_IsThereAndALongerOneIsLeftOut()
    {
        foreach (var (length, arrives) in new[] { (0, false), (1, true), (512, true), (513, false) })
        {
            var state = new string('s', length);
            Assert.True(TraceNote.TryRead(TraceNote.Of(new ActivityContext(Trace.TraceId, Trace.SpanId, Trace.TraceFlags, state)), out var read));
            Assert.Equal(arrives ? state : null, read.TraceState);
        }
    }

    [Fact]
    public void TryRead_FieldsOfOtherKinds_AreSkipped()
    {
        byte[] others = [9, 2, 0, 1, 2, 77, 0, 0];

        Assert.True(TraceNote.TryRead([.. others, .. TraceNote.Of(Trace)], out var read));

        Assert.Equal(Trace, read);
    }

    [Fact]
    public void TryRead_CutAnywhere_ReadsATraceOrNone()
    {
        var note = TraceNote.Of(new ActivityContext(Trace.TraceId, Trace.SpanId, Trace.TraceFlags, "vendor=1"));

        for (var length = 0; length < note.Length; length++)
        {
            Assert.True(!TraceNote.TryRead(note.AsSpan(0, length), out var read) || read.TraceId == Trace.TraceId, $"{length} bytes");
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("01", 0)]
    [InlineData("0000", 2)]
    [InlineData("0100", 0)]
    [InlineData("FFFFFF", 0)]
    [InlineData("AA0100", 3)]
    public void BytesAtEnd_AnyBytes_NeverMoreThanThereAre(string item, int bytes) => Assert.Equal(bytes, TraceNote.BytesAtEnd(Convert.FromHexString(item)));

    [Fact]
    public void Delivered_FlagWithoutANote_IsTheWholeItem()
    {
        var items = Deliver([3, 0, 0, 0x40, 0xFF, 0xFF, 0xFF]);

        var item = items.Next();

        Assert.Equal([0xFF, 0xFF, 0xFF], item.Bytes.ToArray());
        Assert.False(item.HasNote);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(5, 5)]
    [InlineData(5 | Item.NoteFlag, 5)]
    [InlineData(int.MaxValue, Item.NoteFlag - 1)]
    public void BytesOf_LengthAsItTravels_IsWithoutTheFlag(int length, int bytes) => Assert.Equal(bytes, Item.BytesOf(length));

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(4 | Item.NoteFlag)]
    public void Body_FlaggedLengthBeyondTheFrame_IsABadFrame(int length)
    {
        byte[] body = [.. BitConverter.GetBytes(length), 1, 2, 3];

        Assert.Throws<ProtocolException>(() => new BodyReader(body).Items(1, 0, out _));
        Assert.Throws<ProtocolException>(() => new BodyReader(body).Item(out _).Length);
    }

    private static byte[] PackedWithNote(byte[] item)
    {
        var packed = new PackedWriter();
        new ItemCodec<byte[]>(RawBytesSerializer.Instance).Pack(packed, item);
        ItemCodec<byte[]>.AddNote(packed, 0, TraceNote.Of(Trace));
        return [.. packed.Written];
    }

    private static DeliveredItems Deliver(byte[] packed) => new([1, 0, 0, 0, .. packed], sizeof(int) + packed.Length, withTokens: false, version: 1);

    private static string Hex(byte[] bytes) => string.Join(' ', bytes.Select(one => $"{one:X2}"));
}
