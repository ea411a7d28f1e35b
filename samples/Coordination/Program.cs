// Processes that work together by queues alone: a barrier at the start, requests with replies, and one Complete that ends everybody.
using QueueIpc;

const int ClientCount = 3;

using var ready = IpcQueue.Create<int>();
using var go = IpcQueue.Create<bool>();
using var requests = IpcQueue.Create<Request>();
using var server = WorkerProcess.Start(Serve, requests);
var clients = Enumerable.Range(1, ClientCount).Select(n => WorkerProcess.Start(Ask, n, ready, go, requests)).ToArray();

// The barrier: everybody reports, and only then everybody is let go.
for (var arrived = 1; arrived <= ClientCount; arrived++)
{
    ready.Get();
    Console.WriteLine($"{arrived} of {ClientCount} are at the start");
}

Console.WriteLine("go");
go.PutMany(Enumerable.Repeat(true, ClientCount));
var sum = 0;
foreach (var client in clients)
{
    client.WaitForExit();
    sum += client.ExitCode;
    client.Dispose();
}

Console.WriteLine($"the clients' answers together: {sum}");

// Nobody asks any more: the server's loop ends by itself.
requests.Complete();
server.WaitForExit();
Console.WriteLine($"the server answered {server.ExitCode} requests and has ended");

static int Serve(IpcQueue<Request> requests)
{
    var served = 0;
    foreach (var request in requests.GetConsumingEnumerable())
    {
        // The client's own queue, which came inside the request, connected.
        using var replies = request.Replies;
        replies.Put(request.Number * request.Number);
        served++;
    }

    return served;
}

static int Ask(int number, IpcQueue<int> ready, IpcQueue<bool> go, IpcQueue<Request> requests)
{
    using var replies = IpcQueue.Create<int>();
    ready.Put(number);
    go.Get();
    requests.Put(new Request(number, replies));
    var square = replies.Get();
    Console.WriteLine($"client {number}: the square of {number} is {square}");
    return square;
}

internal sealed record Request(int Number, IpcQueue<int> Replies);
