using System.IO.Pipes;

namespace QueueIpc.Benchmarks;

/// <summary>The floor: one byte there and back over a named pipe between two processes, synchronously, with nothing in between.</summary>
internal static class RawPipe
{
    public static double RoundTripMicros(int count)
    {
        var name = $"queueipc-bench-{Guid.NewGuid():N}";
        using var server = new NamedPipeServerStream(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.None);
        using var echo = WorkerProcess.Start(Echo, name);
        server.WaitForConnection();
        var one = new byte[1];
        var micros = Statistics.MedianMicros(count, () =>
        {
            server.Write(one);
            server.ReadExactly(one);
        });
        server.Disconnect();
        echo.WaitForExit();
        return micros;
    }

    private static void Echo(string name)
    {
        using var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut);
        pipe.Connect();
        Span<byte> one = stackalloc byte[1];
        while (pipe.Read(one) == 1)
        {
            pipe.Write(one);
        }
    }
}
