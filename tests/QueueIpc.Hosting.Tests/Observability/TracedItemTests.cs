using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests.Observability;

/// <summary>Items with a trace look to everyone else like items without one.</summary>
public sealed class TracedItemTests : IDisposable
{
    private const int NoteBytes = 30;

    private readonly QueueBroker _broker = QueueBroker.Start(new QueueBrokerOptions { MaxItemBytes = 1000, MaxMemoryBytes = 1_000_000 });
    private readonly QueueClient _client;
    private readonly IpcQueue<byte[]?> _raw;

    public TracedItemTests()
    {
        _client = QueueClient.Connect(_broker.Endpoint);
        _raw = _client.OpenQueue<byte[]?>("raw", new QueueOptions { MaxFailures = 2 });
    }

    public void Dispose()
    {
        _client.Dispose();
        _broker.Dispose();
    }

    [Fact]
    public void Put_TracingOff_NotOneByteMore()
    {
        _raw.Put(new byte[100]);

        Assert.Equal(100, _raw.GetInfo().Bytes);
        using var lease = _raw.Lease();
        Assert.Equal(default, lease.TraceContext);
    }

    [Fact]
    public void Put_NobodyListens_AllocatesNothing()
    {
        using var queue = _client.OpenQueue<byte[]>("lean");
        var item = new byte[10];
        PutTenThousand();
        queue.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();

        PutTenThousand();

        // One object a put would be 240,000 bytes. The answers are read into buffers that may still grow.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);

        void PutTenThousand()
        {
            for (var i = 0; i < 10_000; i++)
            {
                queue.Put(item);
            }
        }
    }

    [Fact]
    public void Get_TracingOffAtTheReader_TheItemIsWhatWasPut()
    {
        var items = new[] { new byte[100], [], [1, 2, 3], null };
        PutTraced(items);
        Assert.Equal(103 + (3 * NoteBytes), _raw.GetInfo().Bytes);

        Assert.Equal(items, _raw.GetMany(4, Times.Long));
    }

    [Fact]
    public void EveryOtherWayToSeeAnItem_TracingOff_TheItemIsWhatWasPut()
    {
        PutTraced([7, 8, 9]);

        Assert.True(_raw.TryPeek(out var peeked));
        using (var lease = _raw.Lease())
        {
            Assert.Equal([7, 8, 9], lease.Item);
            lease.Nack();
        }

        using (var again = _raw.Lease())
        {
            Assert.Equal((1, true), (again.Failures, again.TraceContext != default));
            Assert.Equal([7, 8, 9], again.Item);
            again.DeadLetter("looked at");
        }

        var dead = Assert.Single(_raw.GetDeadItems(10));
        _raw.Redrive();
        Assert.Equal([[7, 8, 9], [7, 8, 9], [7, 8, 9]], new[] { peeked, dead.Bytes.ToArray(), _raw.GetConsumingEnumerable().First() });
    }

    [Fact]
    public void Typed_TracingOffAtTheReader_TheItemIsWhatWasPut()
    {
        using var typed = _client.OpenQueue<Dictionary<string, int>?>("typed");
        using (new Traces())
        {
            typed.PutMany([new() { ["a"] = 1 }, null, new() { ["b"] = 2 }]);
        }

        Assert.Equal([1, null, 2], typed.GetMany(3, Times.Long).Select(item => item?.Values.Single()));
    }

    [Fact]
    public void Get_CannotBeRead_RawBytesAreTheItemsOwn()
    {
        PutTraced([0xC1, 0xC1]);
        using var numbers = _client.OpenQueue<int>("raw");

        var error = Assert.Throws<ItemSerializationException>(() => numbers.Get());

        Assert.Equal([0xC1, 0xC1], error.RawBytes.ToArray());
    }

    [Fact]
    public void Put_NoRoomForTheTrace_TheItemGoesWithoutIt()
    {
        using var small = _client.OpenQueue<byte[]>("small", new QueueOptions { MaxBytes = 50 });
        using (new Traces())
        {
            _raw.Put(new byte[1000]);
            _raw.Put(new byte[1000 - NoteBytes]);
            small.Put(new byte[50]);
        }

        Assert.Equal((2000, 50), (_raw.GetInfo().Bytes, small.GetInfo().Bytes));
        Assert.Equal([1000, 1000 - NoteBytes, 50], new[] { _raw.Get()!.Length, _raw.Get()!.Length, small.Get().Length });
    }

    [Fact]
    public void Put_TraceState_ArrivesToo()
    {
        using var traces = new Traces();
        using (var around = Traces.Around("request"))
        {
            around.TraceStateString = "vendor=1";
            _raw.Put([1]);
        }

        using var lease = _raw.Lease();
        Assert.Equal(("vendor=1", true), (lease.TraceContext.TraceState, lease.TraceContext.IsRemote));
        Assert.Equal(ActivityTraceFlags.Recorded, lease.TraceContext.TraceFlags);
    }

    private void PutTraced(params byte[]?[] items)
    {
        using var traces = new Traces();
        Array.ForEach(items, item => _raw.Put(item));
    }
}
