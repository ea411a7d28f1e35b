using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Tests.Support;
using QueueIpc.Transport;

namespace QueueIpc.Tests.Transport;

/// <summary>What is said last, and by whom.</summary>
public sealed class OutboxTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FlushAndEnd_AnotherThreadIsJustSending_TheLastWordGoesBeforeTheEnd(bool ofItsOwn)
    {
        using var link = new HeldLink { Held = Op.Done };
        using var over = new ManualResetEventSlim();
        var outbox = new Outbox(link, long.MaxValue, over.Set);
        Say(outbox, Op.Done);
        _ = Task.Run(ofItsOwn ? outbox.FlushSoon : outbox.Flush, TestContext.Current.CancellationToken);
        Assert.True(link.IsInWrite.Wait(Times.Long, TestContext.Current.CancellationToken));

        Say(outbox, Op.Error);
        outbox.FlushAndEnd();
        Assert.Empty(link.Done);
        Assert.False(outbox.IsOver);
        link.MayGoOn.Set();

        Assert.True(over.Wait(Times.Long, TestContext.Current.CancellationToken));
        Assert.Equal(["Done", "Error", "end"], link.Done);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FlushAndEnd_NobodyReads_EndsAtOnce(bool isSomebodyWaiting)
    {
        using var link = new HeldLink { HasRoom = false };
        using var over = new ManualResetEventSlim();
        var outbox = new Outbox(link, long.MaxValue, over.Set);
        Say(outbox, Op.Done);
        if (isSomebodyWaiting)
        {
            outbox.FlushSoon();
            Assert.True(link.IsInWrite.Wait(Times.Long, TestContext.Current.CancellationToken));
        }

        Say(outbox, Op.Error);
        outbox.FlushAndEnd();

        // By this thread, or by the writer thread if that was just beginning.
        Assert.True(over.Wait(Times.Long, TestContext.Current.CancellationToken));
        Assert.Equal("end", link.Done[0]);
        Assert.True(outbox.IsOver);
    }

    [Fact]
    public async Task Dispose_AnotherThreadIsJustSending_TheFarewellGoesBeforeTheEnd()
    {
        using var link = new HeldLink { Held = Op.Cancel };
        var connection = ClientConnection.Connect("held", link, () => { });
        var sending = Task.Run(
            () =>
            {
                lock (connection.SyncRoot)
                {
                    connection.Out.BeginFrame(Op.Cancel, 1, 1);
                    connection.Out.EndFrame();
                }

                connection.Flush();
            },
            TestContext.Current.CancellationToken);
        Assert.True(link.IsInWrite.Wait(Times.Long, TestContext.Current.CancellationToken));

        connection.Dispose();
        link.MayGoOn.Set();

        await sending.WaitAsync(Times.Long, TestContext.Current.CancellationToken);
        Assert.Equal(["Hello", "Cancel", "Bye", "end"], link.Done);
    }

    private static void Say(Outbox outbox, Op op)
    {
        lock (outbox.SyncRoot)
        {
            outbox.Open.BeginFrame(op, 0, 0);
            outbox.Open.EndFrame();
        }
    }
}
