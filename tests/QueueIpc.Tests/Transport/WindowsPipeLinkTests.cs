using System.IO.Pipes;
using QueueIpc.Tests.Support;
using QueueIpc.Transport;

namespace QueueIpc.Tests.Transport;

/// <summary>The way in which the link for Windows uses a pipe, over whatever pipe this system has.</summary>
public sealed class WindowsPipeLinkTests
{
    [Fact]
    public async Task TryWrite_NobodyReads_FindsNoRoomAndLosesNothing()
    {
        var (server, client) = await Connect();
        using var serverEnd = server;
        using var clientEnd = client;
        var link = new WindowsPipeLink(server);
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
        await client.ReadExactlyAsync(received, TestContext.Current.CancellationToken).AsTask().WaitAsync(Times.Long, TestContext.Current.CancellationToken);
        await rest.WaitAsync(Times.Long, TestContext.Current.CancellationToken);
        Assert.Equal(bytes, received);
    }

    [Fact]
    public async Task Abort_RightAfterAWrite_WhatWasWrittenArrives()
    {
        var (server, client) = await Connect();
        using var serverEnd = server;
        using var clientEnd = client;
        var link = new WindowsPipeLink(server);

        Assert.Equal(3, link.TryWrite([1, 2, 3]));
        link.Abort();

        var received = new byte[4];
        Assert.Equal(3, await client.ReadAtLeastAsync(received, 4, throwOnEndOfStream: false, TestContext.Current.CancellationToken));
        Assert.Equal([1, 2, 3, 0], received);
        Assert.ThrowsAny<SystemException>(() => link.TryWrite([4]));
    }

    private static async Task<(NamedPipeServerStream Server, NamedPipeClientStream Client)> Connect()
    {
        var name = $"queueipc-test-{Guid.NewGuid():N}";
        var server = new NamedPipeServerStream(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        var client = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        await Task.WhenAll(server.WaitForConnectionAsync(TestContext.Current.CancellationToken), client.ConnectAsync(TestContext.Current.CancellationToken));
        return (server, client);
    }
}
