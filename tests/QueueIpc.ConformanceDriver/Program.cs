using System.Text.Json;
using System.Text.Json.Nodes;
using QueueIpc.ConformanceDriver;

// Does what it is told on its standard input, with the .NET client: see tests/conformance/README.md.
var driver = new Driver();
var output = Console.OpenStandardOutput();
var outputLock = new Lock();
while (Console.In.ReadLine() is { } line)
{
    var command = JsonNode.Parse(line)!.AsObject();

    // A thread for each: commands do not wait for one another.
    new Thread(() => Run(command)) { IsBackground = true }.Start();
}

void Run(JsonObject command)
{
    var answer = driver.Do(command);
    var bytes = JsonSerializer.SerializeToUtf8Bytes(answer);
    lock (outputLock)
    {
        output.Write(bytes);
        output.Write("\n"u8);
        output.Flush();
    }
}
