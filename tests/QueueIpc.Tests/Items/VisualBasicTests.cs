using Bought = QueueIpc.VisualBasicItems.Order;
using Spot = QueueIpc.VisualBasicItems.Spot;

namespace QueueIpc.Tests.Items;

/// <summary>Items of a program in Visual Basic, whose classes have fields behind their properties that C# never names.</summary>
public sealed class VisualBasicTests
{
    [Fact]
    public void Trip_ClassAndStructure_ArriveEqual()
    {
        var sent = new Bought { Id = 1, Customer = "a", Lines = ["x", "y"] };

        var got = Wire.Trip(sent);

        Assert.Equal("""{"Id":1,"Customer":"a","Lines":["x","y"]}""", Wire.Json(Wire.Of(sent)));
        Assert.Equal((1, "a", 2, "secret"), (got.Id, got.Customer, got.Total, got.Secret()));
        Assert.Equal(new Spot { X = 1, Y = 2 }, Wire.Trip(new Spot { X = 1, Y = 2 }));
    }

    [Fact]
    public void Read_MissingProperty_HasItsInitialValue() => Assert.Equal("nobody", Wire.Read<Bought>("""{"Id":1}""").Customer);
}
