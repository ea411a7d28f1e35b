using QueueIpc.Workers;

namespace QueueIpc.Tests.Processes;

/// <summary>Arguments of workers that travel without a serializer.</summary>
public sealed class PlainArgumentTests
{
    [Theory]
    [InlineData("Grüße 你好 \n")]
    [InlineData("")]
    [InlineData("\ud800")]
    [InlineData(int.MinValue)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0.1)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(float.Epsilon)]
    [InlineData(true)]
    [InlineData('|')]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 1, 255 })]
    public void Pack_TextNumberOrBytes_ArrivesEqual(object argument)
    {
        Assert.Equal(argument is "\ud800" ? "\ufffd" : argument, WorkerArgument.Unpack(argument.GetType(), WorkerArgument.Pack(argument.GetType(), argument)));
    }

    [Theory]
    [InlineData(typeof(string))]
    [InlineData(typeof(int?))]
    [InlineData(typeof(byte[]))]
    [InlineData(typeof(IpcQueue<string>))]
    public void Pack_Null_ArrivesAsNull(Type type)
    {
        Assert.Null(WorkerArgument.Unpack(type, WorkerArgument.Pack(type, null)));
    }

    [Fact]
    public void Pack_NullableNumber_ArrivesEqual()
    {
        Assert.Equal(-7, WorkerArgument.Unpack(typeof(int?), WorkerArgument.Pack(typeof(int?), -7)));
    }

    [Fact]
    public void Pack_Queue_ArrivesConnected()
    {
        using var queue = IpcQueue.Create<byte[]>();

        using var arrived = Assert.IsType<IpcQueue<byte[]>>(WorkerArgument.Unpack(typeof(IpcQueue<byte[]>), WorkerArgument.Pack(typeof(IpcQueue<byte[]>), queue)));
        arrived.Put([1, 2]);

        Assert.Equal([1, 2], queue.Get());
    }
}
