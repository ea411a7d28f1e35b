using System.IO.Pipes;
using QueueIpc.Tests.Support;
using QueueIpc.Transport;

namespace QueueIpc.Tests.Transport;

/// <summary>The way in which the link for Windows uses a pipe, over whatever pipe this system has.</summary>
public sealed class WindowsPipeLinkTests : IAsyncLifetime
{
    private readonly NamedPipeServerStream _server;
    private readonly NamedPipeClientStream _client;

    public WindowsPipeLinkTests()
    {
        var name = $"queueipc-test-{Guid.NewGuid():N}";
        _server = new NamedPipeServerStream(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        _client = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
    }

    public async ValueTask InitializeAsync() => await Task.WhenAll(_server.WaitForConnectionAsync(), _client.ConnectAsync());

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task TryWrite_NobodyReads_FindsNoRoomAndLosesNothing()
    {
        var link = new WindowsPipeLink(_server);
        var bytes = new byte[16 << 20];
        Random.Shared.NextBytes(bytes);

        var written = 0;
        while (link.TryWrite(bytes.AsSpan(written)) is > 0 and var count)
        {
            written += count;
        }

        Assert.InRange(written, 1, bytes.Length - 1);
        var rest = Task.Run(() => link.Write(bytes.AsSpan(written)), TestContext.Current.CancellationToken);
        var received = new byte[bytes.Length];
        await _client.ReadExactlyAsync(received, TestContext.Current.CancellationToken).AsTask().WaitAsync(Times.Long, TestContext.Current.CancellationToken);
        await rest.WaitAsync(Times.Long, TestContext.Current.CancellationToken);
        Assert.Equal(bytes, received);
    }

    [Fact]
    public async Task Abort_RightAfterAWrite_WhatWasWrittenArrives()
    {
        var link = new WindowsPipeLink(_server);

        Assert.Equal(3, link.TryWrite([1, 2, 3]));
        link.Abort();

        var received = new byte[4];
        Assert.Equal(3, await _client.ReadAtLeastAsync(received, 4, throwOnEndOfStream: false, TestContext.Current.CancellationToken));
        Assert.Equal([1, 2, 3, 0], received);
        Assert.ThrowsAny<SystemException>(() => link.TryWrite([4]));
    }
}
