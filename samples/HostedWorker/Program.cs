// A host without a web server: a broker, and two consumers that work for each other. It is told to end (SIGTERM) in the middle of its work, and started again:
// what was under way is finished, what was waiting is carried over, and every order has one invoice.
using HostedWorker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using QueueIpc;

if (args.Length > 1 || args is [['-', ..]])
{
    Console.Error.WriteLine("Usage: HostedWorker [folder]. With a folder, which it makes if there is none, it runs until it is told to end, or until all orders are done.");
    return 2;
}

if (args is [var folder])
{
    Directory.CreateDirectory(folder);
    if (Invoices.Read(folder).Length < Orders.Count)
    {
        await RunAsync(folder, endAfter: Orders.Count);
    }

    return 0;
}

folder = Directory.CreateTempSubdirectory("hosted-worker-").FullName;
for (var life = 1; Invoices.Read(folder).Length < Orders.Count; life++)
{
    Console.WriteLine($"life {life} begins");
    await RunAsync(folder, endAfter: Orders.Count / 2 * life);
    Console.WriteLine($"life {life} has ended: {Invoices.Read(folder).Length} of {Orders.Count} invoices are written");
}

var invoices = Invoices.Read(folder);
Directory.Delete(folder, recursive: true);
var once = invoices.Order().SequenceEqual(Enumerable.Range(1, Orders.Count));
Console.WriteLine(once ? "every order has one invoice: nothing is lost, nothing is done twice" : $"NOT one invoice for every order: {string.Join(' ', invoices)}");
return once ? 0 : 1;

static async Task RunAsync(string folder, int endAfter)
{
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
    builder.Services
        .AddSystemd()            // says "ready" and "stopping" to systemd, if it runs under it
        .AddWindowsService()     // the same for the service control manager of Windows
        .AddQueueIpcBroker()
        .AddIpcQueue<Order>("orders")
        .AddIpcQueue<Invoice>("invoices")
        .AddSingleton(new Invoices(folder, endAfter))

        // Services stop in the reverse order: first both consumers, then what carries over the rest; the broker ends after all of them.
        .AddHostedService(services => ActivatorUtilities.CreateInstance<Leftovers>(services, folder))
        .AddIpcQueueConsumer<Order, OrderHandler>("orders", concurrency: 2)
        .AddIpcQueueConsumer<Invoice, InvoiceHandler>("invoices");
    builder.Services.AddHealthChecks().AddQueueIpc();
    await builder.Build().RunAsync();
}
