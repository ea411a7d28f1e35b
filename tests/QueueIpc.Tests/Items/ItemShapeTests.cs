using System.Collections.ObjectModel;
using MessagePack;

namespace QueueIpc.Tests.Items;

/// <summary>What could not arrive as it was is refused by Put, in words, and nothing is put.</summary>
public sealed class ItemShapeTests
{
    [Fact]
    public void Put_Exception_IsRefusedWithWhatToSendInstead()
    {
        Refused(new InvalidOperationException("m"), "WorkerFailure.From(exception)");
        Refused(new HttpRequestException("m", new IOException("i")), "WorkerFailure.From(exception)");
        Refused(new Failed(1, new InvalidOperationException("m")), "WorkerFailure.From(exception)");
        Refused<Exception>(new IOException("m"), "WorkerFailure.From(exception)");
    }

    [Fact]
    public void Put_CollectionWithMembersOfItsOwn_IsRefusedAndNamesOne()
    {
        Refused(new Page { 1, 2 }, "'Total' would be lost");
        Refused(new Names { ["a"] = 1 }, "'Culture' would be lost");
        Refused(new Holder(new Page { 1 }), "'Total' would be lost");
        Refused(new Keyed { "a" }, "'the keys' would be lost");
    }

    /// <summary>Who else writes such items writes elements alone: nothing of them is lost.</summary>
    [Fact]
    public void Get_CollectionWithMembersOfItsOwn_IsReadFromElements() => Assert.Equal([1, 2], Wire.Read<Page>("[1,2]"));

    [Fact]
    public void Put_CollectionWithoutMembersOfItsOwn_Arrives()
    {
        Assert.Equal([1, 2], Trip(new Numbers { 1, 2 }));
        Assert.Equal([1, 2], Trip(new Ignoring { 1, 2 }));
        Assert.Equal([1, 2], Trip(new Collection<int> { 1, 2 }));
        Assert.Equal([1, 2], Trip(new ObservableCollection<int> { 1, 2 }));
    }

    private static void Refused<T>(T item, string words)
    {
        using var queue = IpcQueue.Create<T>();

        var error = Assert.Throws<ItemSerializationException>(() => queue.Put(item));

        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, queue.Count);
    }

    private static T Trip<T>(T item)
    {
        using var queue = IpcQueue.Create<T>();
        queue.Put(item);
        return queue.Get();
    }

    public sealed class Page : List<int>
    {
        public int Total { get; set; }
    }

    public sealed class Names : Dictionary<string, int>
    {
        public string Culture { get; set; } = "de";
    }

    public sealed class Numbers : List<int>;

    public sealed class Ignoring : List<int>
    {
        [IgnoreMember]
        public int Total { get; set; }
    }

    public sealed class Keyed : KeyedCollection<string, string>
    {
        protected override string GetKeyForItem(string item) => item;
    }

    public sealed record Holder(Page Page);

    public sealed record Failed(int Id, Exception Reason);
}
