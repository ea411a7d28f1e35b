using QueueIpc;

Console.OutputEncoding = System.Text.Encoding.UTF8;         // what a console of Windows often is not
using var queue = IpcQueue.Create<string?>();               // owned by a broker inside this process
using var producer = WorkerProcess.Start(Produce, queue);   // real child processes of this same program
using var consumer = WorkerProcess.Start(Consume, queue);
producer.WaitForExit();
queue.Put(null);                                            // tells the consumer to stop
consumer.WaitForExit();

// The timeouts: the queue is empty now, and nobody puts any more.
try
{
    queue.Get(TimeSpan.FromSeconds(1));
}
catch (QueueEmptyException)
{
    Console.WriteLine("队列为空,超时");
}

static void Produce(IpcQueue<string?> queue)
{
    for (int i = 0; i < 5; i++)
    {
        queue.Put($"数据 {i}");
    }
}

static void Consume(IpcQueue<string?> queue)
{
    while (queue.Get() is { } item)
    {
        Console.WriteLine($"消费者取出: {item}");
    }
}
