using CsCheck;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

public sealed class FrameHeaderTests
{
    [Fact]
    public void Read_WhatWriteWrote_IsTheSame()
    {
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Byte, Gen.UInt, Gen.ULong).Sample((bodyBytes, op, flags, queue, request) =>
        {
            var header = new FrameHeader(bodyBytes, (Op)op, flags, queue, request);
            var bytes = new byte[FrameHeader.Size];
            header.Write(bytes);
            return FrameHeader.Read(bytes, int.MaxValue) == header;
        });
    }

    [Fact]
    public void Write_EveryField_StandsWhereTheProtocolSays()
    {
        var bytes = Enumerable.Repeat((byte)0xEE, FrameHeader.Size).ToArray();

        new FrameHeader(0x01020304, Op.Put, 5, 0x0A0B0C0D, 0x1112131415161718).Write(bytes);

        Assert.Equal("04030201" + "10" + "05" + "0000" + "0D0C0B0A" + "1817161514131211", Convert.ToHexString(bytes));
    }
}
