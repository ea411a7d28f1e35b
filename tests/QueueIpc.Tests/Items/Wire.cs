using MessagePack;

namespace QueueIpc.Tests.Items;

/// <summary>Items, as their bytes.</summary>
internal static class Wire
{
    public static T Trip<T>(T item)
    {
        using var queue = IpcQueue.Create<T>();
        queue.Put(item);
        return queue.Get();
    }

    public static byte[] Of<T>(T item)
    {
        using var queue = IpcQueue.Create<T>();
        using var raw = IpcQueue.Open<byte[]>(queue.Endpoint, queue.Name);
        queue.Put(item);
        return raw.Get();
    }

    public static T Read<T>(byte[] bytes)
    {
        using var queue = IpcQueue.Create<T>();
        using var raw = IpcQueue.Open<byte[]>(queue.Endpoint, queue.Name);
        raw.Put(bytes);
        return queue.Get();
    }

    public static T Read<T>(string json) => Read<T>(MessagePackSerializer.ConvertFromJson(json));

    public static string Json(byte[] bytes) => MessagePackSerializer.ConvertToJson(bytes);
}
