namespace QueueIpc.Tests.Items;

/// <summary>Exceptions as items, and dead items read again.</summary>
public sealed class FailureItemTests
{
    [Fact]
    public void From_ExceptionsInsideOfEachOther_ArriveAsTextOfEach()
    {
        var sent = WorkerFailure.From(Thrown());

        var got = Wire.Trip(sent);

        Assert.Equal(sent, got);
        Assert.Equal(("System.InvalidOperationException", "outer"), (got.Type, got.Message));
        Assert.Equal(("System.IO.IOException", "inner"), (got.Inner!.Type, got.Inner.Message));
        Assert.Null(got.Inner.Inner);
        Assert.Contains(nameof(Thrown), got.Stack, StringComparison.Ordinal);
        Assert.Equal(sent, Wire.Trip(new Result(7, sent)).Failure);
    }

    [Fact]
    public void From_ManyInsideOfEachOther_KeepsTen()
    {
        var chain = new InvalidOperationException("0");
        for (var i = 1; i < 100; i++)
        {
            chain = new InvalidOperationException($"{i}", chain);
        }

        var depth = 0;
        for (var failure = WorkerFailure.From(chain).Inner; failure is not null; failure = failure.Inner)
        {
            depth++;
        }

        Assert.Equal(10, depth);
    }

    [Fact]
    public void From_SeveralAtOnce_KeepsEach()
    {
        var sent = WorkerFailure.From(new AggregateException("all", new IOException("a", new TimeoutException("deep")), new InvalidOperationException("b"), new AggregateException(new FormatException("c"), new FormatException("d"))));

        Assert.Equal(sent, Wire.Trip(sent));
        Assert.Equal(sent, WorkerFailure.FromBytes(sent.ToBytes()));
        Assert.Equal(("System.IO.IOException", "a", "deep"), (sent.Inner!.Type, sent.Inner.Message, sent.Inner.Inner!.Message));
        Assert.Equal("b", sent.MoreInner[0].Message);
        Assert.Equal(("c", "d"), (sent.MoreInner[1].Inner!.Message, sent.MoreInner[1].MoreInner[0].Message));
        Assert.Equal(10, WorkerFailure.From(new AggregateException(Enumerable.Range(0, 100).Select(i => new IOException($"{i}")))).MoreInner.Count + 1);
    }

    /// <summary>As programs wrote and read them before there could be several inside of one.</summary>
    [Fact]
    public void Bytes_OfAProgramOfBefore_AreReadAndTheOtherWayRound()
    {
        var sent = WorkerFailure.From(new InvalidOperationException("outer", new AggregateException(new IOException("inner"), new IOException("other"))));
        var before = new MemoryStream();
        using (var to = new BinaryWriter(before, System.Text.Encoding.Unicode))
        {
            foreach (var (failure, more) in new[] { (sent, true), (sent.Inner!, true), (sent.Inner!.Inner!, false) })
            {
                to.Write(failure.Type);
                to.Write(failure.Message);
                to.Write(failure.Stack);
                to.Write(more);
            }
        }

        Assert.Equal(before.ToArray(), sent.ToBytes()[..before.ToArray().Length]);
        Assert.Equal(("inner", 0), (WorkerFailure.FromBytes(before.ToArray()).Inner!.Inner!.Message, WorkerFailure.FromBytes(before.ToArray()).Inner!.MoreInner.Count));
        Assert.Equal(new WorkerFailure("t", "m", "s"), Wire.Read<WorkerFailure>("""{"Type":"t","Message":"m","Stack":"s","Inner":null}"""));
    }

    [Fact]
    public void TryRead_DeadItem_IsReadAsItsTypeAndNotAsAnother()
    {
        using var queue = IpcQueue.Create<Result?>();
        queue.PutMany([new Result(7, null), null]);
        queue.Lease().DeadLetter("first");
        queue.Lease().DeadLetter("second");

        var dead = queue.GetDeadItems(10);

        Assert.True(dead[0].TryRead<Result>(out var first));
        Assert.Equal(7, first.Id);
        Assert.False(dead[0].TryRead<int>(out _));
        Assert.True(dead[1].TryRead<Result?>(out var none));
        Assert.Null(none);
        Assert.False(dead[1].TryRead<int>(out _));
        Assert.True(dead[0].TryRead<byte[]>(out var bytes));
        Assert.Equal(dead[0].Bytes.ToArray(), bytes);
    }

    [Fact]
    public void TryRead_QueueWithASerializer_UsesIt()
    {
        using var queue = IpcQueue.Create<byte[]>(null, RawBytesSerializer.Instance);
        queue.Put([1, 2]);
        queue.Lease().DeadLetter("dead");

        var dead = Assert.Single(queue.GetDeadItems(1));

        Assert.False(dead.TryRead<string>(out _));
        Assert.True(dead.TryRead<byte[]>(out var bytes));
        Assert.Equal([1, 2], bytes);
    }

    [Fact]
    public void TryRead_DeadItemMadeByHand_IsReadAsMessagePack() =>
        Assert.True(new DeadItem(1, 0, TimeSpan.Zero, "r", new byte[] { 7 }).TryRead<int>(out var seven) && seven == 7);

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("outer", new IOException("inner"));
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    public sealed record Result(int Id, WorkerFailure? Failure);
}
