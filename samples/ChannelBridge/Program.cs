// Existing code that knows System.Threading.Channels, and nothing of processes, is given queues that cross them.
using System.Threading.Channels;
using QueueIpc;

// First as it always was: inside one process.
var orders = Channel.CreateUnbounded<Order>();
var invoices = Channel.CreateUnbounded<Invoice>();
var inside = Billing.RunAsync(orders.Reader, invoices.Writer);
await SendAsync(orders.Writer);
await inside;
await PrintAsync("one process:  ", invoices.Reader);

// The same code, in a process of its own.
using var orderQueue = IpcQueue.Create<Order>(new QueueOptions { Capacity = 2 });
using var invoiceQueue = IpcQueue.Create<Invoice>();
using var billing = WorkerProcess.Start(Bill, orderQueue, invoiceQueue);
await SendAsync(orderQueue.Writer);
await PrintAsync("two processes:", invoiceQueue.Reader);
billing.WaitForExit();

static Task Bill(IpcQueue<Order> orders, IpcQueue<Invoice> invoices) => Billing.RunAsync(orders.Reader, invoices.Writer);

static async Task SendAsync(ChannelWriter<Order> writer)
{
    for (var id = 1; id <= 3; id++)
    {
        await writer.WriteAsync(new Order(id, 10m * id));
    }

    writer.Complete();
}

static async Task PrintAsync(string where, ChannelReader<Invoice> reader)
{
    await foreach (var invoice in reader.ReadAllAsync())
    {
        Console.WriteLine($"{where} order {invoice.OrderId} costs {invoice.Total}");
    }
}

internal sealed record Order(int Id, decimal Net);

internal sealed record Invoice(int OrderId, decimal Total);

/// <summary>The existing code.</summary>
internal static class Billing
{
    public static async Task RunAsync(ChannelReader<Order> orders, ChannelWriter<Invoice> invoices)
    {
        while (await orders.WaitToReadAsync())
        {
            while (orders.TryRead(out var order))
            {
                await invoices.WriteAsync(new Invoice(order.Id, order.Net * 1.19m));
            }
        }

        invoices.Complete();
    }
}
