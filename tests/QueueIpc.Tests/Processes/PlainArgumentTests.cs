using QueueIpc.Workers;

namespace QueueIpc.Tests.Processes;

/// <summary>Arguments of workers in programs without reflection.</summary>
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
    public void PackPlainly_TextNumberOrBytes_ArrivesEqual(object argument)
    {
        Assert.Equal(argument is "\ud800" ? "\ufffd" : argument, WorkerArgument.UnpackPlainly(argument.GetType(), WorkerArgument.PackPlainly(argument)));
    }

    [Theory]
    [InlineData(typeof(string))]
    [InlineData(typeof(int?))]
    [InlineData(typeof(byte[]))]
    public void PackPlainly_Null_ArrivesAsNull(Type type)
    {
        Assert.Null(WorkerArgument.UnpackPlainly(type, WorkerArgument.PackPlainly(null)));
    }

    [Fact]
    public void PackPlainly_NullableNumber_ArrivesEqual()
    {
        Assert.Equal(-7, WorkerArgument.UnpackPlainly(typeof(int?), WorkerArgument.PackPlainly(-7)));
    }

    [Fact]
    public void PackPlainly_Queue_ArrivesConnected()
    {
        using var queue = IpcQueue.Create<byte[]>();

        using var arrived = Assert.IsType<IpcQueue<byte[]>>(WorkerArgument.UnpackPlainly(typeof(IpcQueue<byte[]>), WorkerArgument.PackPlainly(queue)));
        arrived.Put([1, 2]);

        Assert.Equal([1, 2], queue.Get());
    }

    [Fact]
    public void PackPlainly_AnythingElse_IsRefusedInWords()
    {
        var e = Assert.Throws<NotSupportedException>(() => WorkerArgument.PackPlainly(new Uri("a", UriKind.Relative)));
        Assert.Contains("Native AOT", e.Message);
    }
}
