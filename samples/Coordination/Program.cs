// Processes that work together by queues alone: a barrier at the start, requests with replies, and one Complete that ends everybody.
using QueueIpc;

const int ServerCount = 2;
const int ClientCount = 3;

using var ready = IpcQueue.Create<int>();
using var go = IpcQueue.Create<bool>();
using var requests = IpcQueue.Create<Request>();
var servers = Start(ServerCount, _ => WorkerProcess.Start(Serve, requests));
var clients = Start(ClientCount, number => WorkerProcess.Start(Ask, number, ready, go, requests));

// The barrier: everybody reports, and only then everybody is let go.
for (var arrived = 1; arrived <= ClientCount; arrived++)
{
    ready.Get();
    Console.WriteLine($"{arrived} of {ClientCount} clients are at the start");
}

Console.WriteLine("go");
go.PutMany(Enumerable.Repeat(true, ClientCount));
End(clients);

// Nobody asks any more: the loop of every server ends by itself.
requests.Complete();
Console.WriteLine($"all servers have ended; together they have answered {End(servers)} requests");

static WorkerProcess[] Start(int count, Func<int, WorkerProcess> start) => [.. Enumerable.Range(1, count).Select(start)];

static int End(WorkerProcess[] processes)
{
    var sum = 0;
    foreach (var process in processes)
    {
        process.WaitForExit();
        sum += process.ExitCode;
        process.Dispose();
    }

    return sum;
}

static int Serve(IpcQueue<Request> requests)
{
    var answered = 0;
    foreach (var request in requests.GetConsumingEnumerable())
    {
        // The client's own queue, which came inside the request, connected.
        using var replies = request.Replies;
        replies.Put(request.Number * request.Number);
        answered++;
    }

    return answered;
}

static void Ask(int number, IpcQueue<int> ready, IpcQueue<bool> go, IpcQueue<Request> requests)
{
    using var replies = IpcQueue.Create<int>();
    ready.Put(number);
    go.Get();
    requests.Put(new Request(number, replies));
    Console.WriteLine($"client {number}: the square of {number} is {replies.Get()}");
}

internal sealed record Request(int Number, IpcQueue<int> Replies);
