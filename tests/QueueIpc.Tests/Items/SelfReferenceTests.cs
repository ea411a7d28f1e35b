using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Items;

public sealed class SelfReferenceTests
{
    [Fact]
    public void Put_ObjectThatContainsItself_IsRefusedInWordsAndTheQueueWorksOn()
    {
        using var queue = IpcQueue.Create<Link>();
        var link = new Link();
        link.Next = link;

        var error = Assert.Throws<ItemSerializationException>(() => queue.Put(link));

        Assert.Contains("contains itself", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, queue.Count);
        queue.Put(new Link());
        Assert.Null(queue.Get(Times.Long).Next);
    }

    [Fact]
    public void Put_ChainOfFourHundred_ComesBackWhole()
    {
        using var queue = IpcQueue.Create<Link>();
        var first = new Link();
        for (var i = 1; i < 400; i++)
        {
            first = new Link { Next = first };
        }

        queue.Put(first);

        var length = 0;
        for (var link = queue.Get(Times.Long); link is not null; link = link.Next)
        {
            length++;
        }

        Assert.Equal(400, length);
    }

    public sealed class Link
    {
        public Link? Next { get; set; }
    }
}
