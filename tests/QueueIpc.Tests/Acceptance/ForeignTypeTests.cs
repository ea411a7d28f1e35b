using System.Reflection;
using System.Reflection.Emit;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Acceptance;

/// <summary>The broker carries bytes; it knows no types.</summary>
public sealed class ForeignTypeTests
{
    [Fact]
    public void Case19_BrokerProcess_ItemOfATypeThatExistsInThisProcessOnly_RoundTripWorks()
    {
        using var broker = QueueBroker.StartProcess();
        var type = MakeType("Number", "Text");
        var item = Activator.CreateInstance(type)!;
        type.GetField("Number")!.SetValue(item, 42);
        type.GetField("Text")!.SetValue(item, "Grüße");

        var back = typeof(ForeignTypeTests).GetMethod(nameof(RoundTrip), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(type).Invoke(null, [broker, item])!;

        Assert.NotSame(item, back);
        Assert.IsType(type, back);
        Assert.Equal(42, type.GetField("Number")!.GetValue(back));
        Assert.Equal("Grüße", type.GetField("Text")!.GetValue(back));
    }

    [Fact]
    public void Case19_BrokerProcess_BytesThatAreNoItemAtAll_GoThroughUnread()
    {
        using var broker = QueueBroker.StartProcess();
        using var client = QueueClient.Connect(broker.Endpoint);
        using var queue = client.OpenQueue<byte[]>("garbage");
        var garbage = Enumerable.Range(0, 256).Select(i => (byte)(255 - i)).ToArray();

        queue.Put(garbage);
        using (var lease = queue.Lease())
        {
            lease.Release();
        }

        Assert.True(queue.TryPeek(out var peeked));
        Assert.Equal(garbage, peeked);
        Assert.Equal(garbage, queue.Get());
    }

    [Fact]
    public void Case19_BrokerProcess_ItemThatSaysWhereItIsRead_IsReadByTheReaderOnly()
    {
        using var broker = QueueBroker.StartProcess();
        using var client = QueueClient.Connect(broker.Endpoint, new QueueClientOptions { Serializer = new SignedSerializer() });
        using var queue = client.OpenQueue<Signed>("signed");

        queue.Put(new Signed());
        queue.Lease().Release();
        queue.TryPeek(out _);
        var item = queue.Get();

        Assert.Equal((Environment.ProcessId, Environment.ProcessId), (item.WrittenBy, item.ReadBy));
    }

    private static T RoundTrip<T>(QueueBroker broker, T item)
    {
        using var there = broker.OpenQueue<T>("foreign");
        using var client = QueueClient.Connect(broker.Endpoint);
        using var here = client.OpenQueue<T>("foreign");
        there.Put(item);
        return here.Get(Times.Long);
    }

    private static Type MakeType(string numberName, string textName)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("OnlyHere"), AssemblyBuilderAccess.Run);
        var type = assembly.DefineDynamicModule("OnlyHere").DefineType("OnlyHere.Item", TypeAttributes.Public | TypeAttributes.Class);
        type.DefineField(numberName, typeof(int), FieldAttributes.Public);
        type.DefineField(textName, typeof(string), FieldAttributes.Public);
        type.DefineDefaultConstructor(MethodAttributes.Public);
        return type.CreateType();
    }

    private sealed record Signed(int WrittenBy = 0, int ReadBy = 0);

    private sealed class SignedSerializer : IQueueSerializer
    {
        public void Serialize<T>(System.Buffers.IBufferWriter<byte> writer, T item)
        {
            BitConverter.TryWriteBytes(writer.GetSpan(4), Environment.ProcessId);
            writer.Advance(4);
        }

        public T Deserialize<T>(ReadOnlyMemory<byte> bytes) => (T)(object)new Signed(BitConverter.ToInt32(bytes.Span), Environment.ProcessId);
    }
}
