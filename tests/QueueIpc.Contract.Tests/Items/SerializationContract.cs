using System.Buffers;
using QueueIpc.Tests.Basics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Items;

public abstract class SerializationContract(QueueSource source) : QueueContract(source)
{
    /// <summary>A code that MessagePack never uses.</summary>
    private static readonly byte[] Garbage = [0xc1, 0xc1, 0xc1];

    public static TheoryData<PutForm> EveryPutForm => PutForms.All;

    public static TheoryData<GetForm> EveryGetForm => GetForms.All;

    [Fact]
    public void Case08_Items_OfEveryKind_ArriveEqual()
    {
        ArriveEqual<string?>([null, string.Empty, "Grüße 你好", "\0", "😀", new string('x', 100_000)]);
        ArriveEqual<int>([0, int.MinValue, int.MaxValue]);
        ArriveEqual<int?>([null, 0, 1]);
        ArriveEqual<double>([0, double.NaN, double.NegativeInfinity, double.Epsilon]);
        ArriveEqual<decimal>([0, decimal.MinValue, 0.1m]);
        ArriveEqual<Guid>([Guid.Empty, Guid.NewGuid()]);
        ArriveEqual<DateTime>([DateTime.UnixEpoch, new DateTime(2024, 2, 29, 12, 30, 59, DateTimeKind.Utc)]);
        ArriveEqual<DateTimeOffset>([new DateTimeOffset(2024, 2, 29, 12, 30, 59, TimeSpan.FromHours(2))]);
        ArriveEqual<TimeSpan>([TimeSpan.MinValue, TimeSpan.Zero, TimeSpan.MaxValue]);
        ArriveEqual<DayOfWeek>([DayOfWeek.Friday]);
        ArriveEqual<bool>([true, false]);
        ArriveEqual<(int, string)>([(1, "a")]);
        ArriveEqual<Address?>([null, new Address("Straße 1", null), new Address("Straße 2", 3)]);
        ArriveEqual<KeyValuePair<string, int>>([new KeyValuePair<string, int>("a", 1)]);
    }

    [Fact]
    public void Case08_NestedRecords_OutAndBack_ArriveEqual()
    {
        using var queue = Create<Order>();
        var order = new Order(
            Guid.NewGuid(), new DateTime(2024, 2, 29, 0, 0, 0, DateTimeKind.Utc), "Grüße 你好", new Address("Straße", 4),
            [new Line("a", 1.10m, TimeSpan.FromDays(1)), new Line("b", 0, TimeSpan.Zero)], new Dictionary<string, int> { ["x"] = 1, [""] = 2 });

        queue.Put(order);

        Assert.True(order.SameAs(queue.Get()));
    }

    [Fact]
    public void Case08_Bytes_OfEverySize_KeepTheirBoundaries()
    {
        using var queue = Create<byte[]?>();
        int[] sizes = [0, 1, 4, 255, 4096, 32 * 1024, (32 * 1024) + 1, 65_535, 65_536, 1 << 20, (16 << 20) - 64, 16 << 20];
        queue.PutMany(sizes.Select(BytesOf));
        queue.Put(null);

        foreach (var size in sizes)
        {
            Assert.Equal(BytesOf(size), queue.Get());
        }

        Assert.Null(queue.Get());
    }

    [Fact]
    public void Case08_RawBytes_TravelWithoutAnythingAroundThem()
    {
        using var bytes = Create<byte[]>();
        using var memory = Another<byte[], ReadOnlyMemory<byte>>(bytes);

        memory.Put(new byte[] { 0, 1, 2, 3 }.AsMemory(1, 2));
        bytes.Put([7, 8, 9]);

        Assert.Equal(5, bytes.GetInfo().Bytes);
        Assert.Equal([1, 2], bytes.Get());
        Assert.Equal([7, 8, 9], memory.Get().ToArray());
    }

    [Theory]
    [MemberData(nameof(EveryPutForm))]
    public async Task Case16_Put_ItemThatCannotBeSerialised_ThrowsToTheCallerAndNothingIsPut(PutForm form)
    {
        using var queue = Create<Stubborn>();
        queue.Put(new Stubborn { Text = "first" });

        var error = await Assert.ThrowsAsync<ItemSerializationException>(() => PutForms.PutOne(queue, new Stubborn(), form));

        Assert.Contains($"'{queue.Name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Stubborn), error.Message, StringComparison.Ordinal);
        Assert.Contains("This item was not put", error.Message, StringComparison.Ordinal);
        Assert.Contains("there is no text yet", error.ToString(), StringComparison.Ordinal);
        Assert.True(error.RawBytes.IsEmpty);
        Assert.Equal(1, queue.Count);
        await PutForms.PutOne(queue, new Stubborn { Text = "second" }, form);
        Assert.Equal(["first", "second"], queue.GetMany(10, TimeSpan.Zero).Select(item => item.Text));
    }

    [Fact]
    public async Task PutAsync_ItemThatCannotBeWritten_FailsByItsTaskAlone()
    {
        using var queue = Create<Stubborn>();

        var bad = queue.PutAsync(new Stubborn());
        var good = queue.PutAsync(new Stubborn { Text = "good" });

        await Assert.ThrowsAsync<ItemSerializationException>(async () => await bad);
        await good;
        Assert.Equal("good", queue.Get().Text);
    }

    [Theory]
    [InlineData(PutForm.Put)]
    [InlineData(PutForm.PutAsync)]
    [InlineData(PutForm.PutMany)]
    public async Task Case17_Put_ObjectChangedRightAfter_ReceiverSeesTheOldValue(PutForm form)
    {
        using var queue = Create<Plain>();
        using var other = Another(queue);
        for (var i = 0; i < 200; i++)
        {
            var item = new Plain { Number = i, Text = "old", Numbers = [1, 2] };

            var put = PutForms.PutOne(queue, item, form);
            (item.Number, item.Text) = (-1, "new");
            item.Numbers.Add(3);
            await put;

            var got = other.Get();
            Assert.Equal((i, "old", 2), (got.Number, got.Text, got.Numbers.Count));
        }
    }

    [Theory]
    [MemberData(nameof(EveryGetForm))]
    public async Task Case18_Get_ItemThatCannotBeRead_ThrowsWithItsBytesAndItIsDead(GetForm form)
    {
        using var queue = Create<string>();
        using var raw = Another<string, byte[]>(queue);
        raw.Put(Garbage);
        queue.Put("next");

        var error = await Assert.ThrowsAsync<ItemSerializationException>(() => GetForms.GetOne(queue, form).WaitAsync(Times.Long));

        Assert.Equal(Garbage, error.RawBytes.ToArray());
        Assert.Contains($"'{queue.Name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("read as string: ", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
        Assert.Equal("next", await GetForms.GetOne(queue, form).WaitAsync(Times.Long));
        var dead = Assert.Single(raw.GetDeadItems(10));
        Assert.Equal(Garbage, dead.Bytes.ToArray());
        Assert.Equal(error.InnerException.Message, dead.Reason);
    }

    [Fact]
    public void Case18_GetMany_SecondItemCannotBeRead_FirstComesThenTheErrorThenTheThird()
    {
        using var queue = Create<string>();
        using var raw = Another<string, byte[]>(queue);
        queue.Put("a");
        raw.Put(Garbage);
        queue.Put("c");

        Assert.Equal(["a"], queue.GetMany(10, TimeSpan.Zero));
        Assert.Throws<ItemSerializationException>(() => queue.GetMany(10, Times.Long));
        Assert.Equal(["c"], queue.GetMany(10, Times.Long));
        Assert.Equal((0, 1), (queue.GetInfo().Leased, queue.GetInfo().Dead));
    }

    [Fact]
    public async Task Case18_ReadAllAsync_ItemInTheMiddleCannotBeRead_ThoseBeforeComeAndANewReaderGoesOn()
    {
        using var queue = Create<string>();
        using var raw = Another<string, byte[]>(queue);
        queue.PutMany(["a", "b"]);
        raw.Put(Garbage);
        queue.PutMany(["d", "e"]);
        queue.Complete();
        var got = new List<string>();

        await Assert.ThrowsAsync<ItemSerializationException>(async () =>
        {
            await foreach (var item in queue.ReadAllAsync())
            {
                got.Add(item);
            }
        });

        got.AddRange(await queue.ReadAllAsync().ToListAsync());
        Assert.Equal(["a", "b", "d", "e"], got);
        Assert.Equal(1, queue.GetInfo().Dead);
    }

    [Fact]
    public void Case18_Get_NullWhereThereIsNone_IsAnItemThatCannotBeRead()
    {
        using var queue = Create<int>();
        using var nullable = Another<int, int?>(queue);
        nullable.PutMany([null, 1]);

        Assert.Throws<ItemSerializationException>(() => queue.Get());

        Assert.Equal(1, queue.Get());
    }

    [Fact]
    public void TryPeek_ItemThatCannotBeRead_ThrowsAndItStaysWhereItIs()
    {
        using var queue = Create<string>();
        using var raw = Another<string, byte[]>(queue);
        raw.Put(Garbage);

        var error = Assert.Throws<ItemSerializationException>(() => queue.TryPeek(out _));

        Assert.Equal(Garbage, error.RawBytes.ToArray());
        Assert.Contains("stays where it is", error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0), (queue.Count, queue.GetInfo().Dead));
    }

    [Fact]
    public void Get_BytesLeftOverBehindTheItem_IsAnItemThatCannotBeRead()
    {
        using var queue = Create<int>();
        using var raw = Another<int, byte[]>(queue);
        raw.Put([1, 2, 3]);

        var error = Assert.Throws<ItemSerializationException>(() => queue.Get());

        Assert.Contains("2 of 3 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Queue_InsideAnItem_ArrivesConnected()
    {
        using var requests = Create<Request?>();
        using var server = Another(requests);
        using var replies = Create<int>();
        requests.Put(new Request(20, replies));

        var request = server.Get()!;
        using (request.Reply)
        {
            request.Reply.Put(request.Number + 1);
        }

        Assert.Equal(21, replies.Get(Times.Long));
        Assert.Equal((replies.Endpoint, replies.Name), (request.Reply.Endpoint, request.Reply.Name));
    }

    [Fact]
    public void Queue_InsideAnItemAndNull_ArrivesAsNull()
    {
        using var queues = Create<IpcQueue<int>?>();

        queues.PutMany([null, null]);

        Assert.Equal([null, null], queues.GetMany(2, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(GetForm.GetConsumingEnumerable)]
    [InlineData(GetForm.LeaseAllAsync)]
    [InlineData(GetForm.GetMany)]
    public async Task Queue_InsideManyItems_OpeningThemDoesNotHoldUpTheReader(GetForm form)
    {
        const int N = 500;
        using var requests = Create<Request>();
        using var replies = Create<int>();

        // Opens on the same shared connection as the queues inside the items, as in a worker.
        using var server = IpcQueue.Open<Request>(requests.Endpoint, requests.Name);
        var serve = Task.Run(async () => await Requests(server, form).Take(N).Select(Reply).CountAsync());
        var puts = Enumerable.Range(0, 4).Select(part => Task.Run(() =>
        {
            for (var i = part; i < N; i += 4)
            {
                requests.Put(new Request(i, replies));
            }
        })).ToArray();

        await Task.WhenAll(puts).WaitAsync(Times.Long);

        Assert.Equal(N, await serve.WaitAsync(Times.Long));
        Assert.Equal(Enumerable.Range(0, N), replies.GetMany(N, TimeSpan.Zero).Order());

        static int Reply(Request request)
        {
            using (request.Reply)
            {
                request.Reply.Put(request.Number);
                return 0;
            }
        }
    }

    private static async IAsyncEnumerable<Request> Requests(IpcQueue<Request> queue, GetForm form)
    {
        switch (form)
        {
            case GetForm.GetConsumingEnumerable:
                foreach (var request in queue.GetConsumingEnumerable())
                {
                    yield return request;
                }

                break;
            case GetForm.LeaseAllAsync:
                await foreach (var lease in queue.LeaseAllAsync())
                {
                    yield return lease.Item;
                    await lease.AckAsync();
                }

                break;
            default:
                while (true)
                {
                    foreach (var request in await queue.GetManyAsync(10, Timeout.InfiniteTimeSpan))
                    {
                        yield return request;
                    }
                }
        }
    }

    private void ArriveEqual<T>(T[] items)
    {
        using var queue = Create<T>();
        using var other = Another(queue);

        queue.PutMany(items);

        Assert.Equal(items, items.Select(_ => other.Get()));
    }

    private static byte[] BytesOf(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }
}

public sealed class SerializationContractInProcess() : SerializationContract(new InProcess());

public sealed class SerializationContractOverPipe() : SerializationContract(new OverPipe());
