using QueueIpc.FSharpItems;
using Bought = QueueIpc.FSharpItems.Order;

namespace QueueIpc.Tests.Items;

/// <summary>Items of a program in F#.</summary>
public sealed class FSharpTests
{
    [Fact]
    public void Trip_RecordsTuplesEnumsAndClasses_ArriveEqual()
    {
        Assert.Equal(Answers.Order, Wire.Trip(Answers.Order));
        Assert.Equal(Answers.Spot, Wire.Trip(Answers.Spot));
        Assert.Equal("""{"Count":3}""", Wire.Json(Wire.Of(Answers.Mutable)));
        Assert.Equal(Answers.Mutable, Wire.Trip(Answers.Mutable));
        Assert.Equal(Answers.Colour, Wire.Trip(Answers.Colour));
        Assert.Equal(Answers.Tuple, Wire.Trip(Answers.Tuple));
        Assert.Equal(Answers.StructTuple, Wire.Trip(Answers.StructTuple));
        Assert.Equal(Answers.Anonymous, Wire.Trip(Answers.Anonymous));
        Assert.Equal(Answers.Customer.Name, Wire.Trip(Answers.Customer).Name);
    }

    [Fact]
    public void Trip_OptionsSetsAndUnionsOfOneCase_ArriveEqual()
    {
        Assert.Equal(Answers.Option, Wire.Trip(Answers.Option));
        Assert.Equal(Answers.WithOption, Wire.Trip(Answers.WithOption));
        Assert.Equal(Answers.Set, Wire.Trip(Answers.Set));
        Assert.Equal(Answers.Number, Wire.Trip(Answers.Number));
    }

    [Fact]
    public void Put_UnionsListsAndMapsOfFSharp_AreRefusedInWords()
    {
        Refused(Answers.Bad, "Send a record, or the case's name beside its value");
        Refused(Answers.Some, "Send a record, or the case's name beside its value");
        Refused(Answers.Square, "Send a record, or the case's name beside its value");
        Refused(Answers.Payment, "Send a record, or the case's name beside its value");
        Refused(Answers.Size, "Send a record, or the case's name beside its value");
        Refused(Answers.List, "Send an array");
        Refused(Answers.Map, "Send a dictionary");
        Refused(Answers.Basket, "Basket.Orders: FSharpList<Order> cannot be sent: a list of F# cannot be made again");
    }

    [Fact]
    public void Read_MissingMemberOfARecord_IsAnErrorWithItsName() =>
        Assert.Contains("Order needs 'Name', which did not come and has no default.", Assert.Throws<ItemSerializationException>(() => Wire.Read<Bought>("""{"Id":1}""")).Message, StringComparison.Ordinal);

    private static void Refused<T>(T item, string words)
    {
        using var queue = IpcQueue.Create<T>();

        var error = Assert.Throws<ItemSerializationException>(() => queue.Put(item));

        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, queue.Count);
    }
}
