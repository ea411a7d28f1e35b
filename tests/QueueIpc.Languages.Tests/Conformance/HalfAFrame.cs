using System.Net.Sockets;

namespace QueueIpc.Languages.Tests.Conformance;

/// <summary>A client that greets, opens a queue, begins a put, and is gone.</summary>
internal static class HalfAFrame
{
    public static async Task SendTo(string endpoint, string queue)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint));
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        Header(writer, 10, 1, 0, 1);
        writer.Write(0x43504951);
        writer.Write((short)1);
        writer.Write(Environment.ProcessId);
        Header(writer, 2 + queue.Length + 1, 3, 0, 2);
        writer.Write((short)queue.Length);
        writer.Write(queue.ToCharArray());
        writer.Write((byte)0);
        await socket.SendAsync(bytes.ToArray());
        var answers = new byte[50 + 20 + 26 + queue.Length];
        for (var read = 0; read < answers.Length;)
        {
            var count = await socket.ReceiveAsync(answers.AsMemory(read));
            Assert.NotEqual(0, count);
            read += count;
        }

        bytes.SetLength(0);
        Header(writer, 1000, 16, 1, 3);
        writer.Write(-1L);
        writer.Write(1);
        await socket.SendAsync(bytes.ToArray());
    }

    private static void Header(BinaryWriter writer, int length, byte op, int queue, long request)
    {
        writer.Write(length);
        writer.Write(op);
        writer.Write((byte)0);
        writer.Write((short)0);
        writer.Write(queue);
        writer.Write(request);
    }
}
