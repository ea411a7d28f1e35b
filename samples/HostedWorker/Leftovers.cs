using System.Text.Json;
using Microsoft.Extensions.Hosting;
using QueueIpc;

namespace HostedWorker;

/// <summary>
/// A broker keeps its items in memory. What is left in it when the host ends is kept in a file, and is put again when it starts. Where there is no such file,
/// because this is the first start or the last end was a crash, it begins with every order that has no invoice.
/// </summary>
internal sealed class Leftovers(IpcQueue<Order> orders, IpcQueue<Invoice> invoices, string folder) : IHostedService
{
    private readonly string _file = Path.Combine(folder, "leftovers.json");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Not given up when the host is told to end meanwhile: it ends a moment later in good order, and half of the rest would be neither here nor there.
        var rest = Read() ?? new Rest([.. Enumerable.Range(1, Orders.Count).Except(Invoices.Read(folder)).Select(id => new Order(id))], []);
        await orders.PutManyAsync(rest.Orders, CancellationToken.None);
        await invoices.PutManyAsync(rest.Invoices, CancellationToken.None);
        File.Delete(_file);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var rest = new Rest(await TakeAllAsync(orders), await TakeAllAsync(invoices));
        if (rest is not { Orders: [], Invoices: [] })
        {
            Console.WriteLine($"carried over: {rest.Orders.Count} orders, {rest.Invoices.Count} invoices");

            // Under its name it is whole, or not there.
            await File.WriteAllTextAsync($"{_file}.new", JsonSerializer.Serialize(rest), CancellationToken.None);
            File.Move($"{_file}.new", _file, overwrite: true);
        }
    }

    /// <summary>Null if there is no such file, or if somebody has spoilt it: what it had is also known from the orders and the invoices.</summary>
    private Rest? Read()
    {
        try
        {
            return File.Exists(_file) ? JsonSerializer.Deserialize<Rest>(File.ReadAllText(_file)) : null;
        }
        catch (JsonException e)
        {
            Console.Error.WriteLine($"{_file} cannot be read, and is not used: {e.Message} Every order that has no invoice is done again.");
            return null;
        }
    }

    private static async Task<List<T>> TakeAllAsync<T>(IpcQueue<T> queue)
    {
        // Both consumers have ended: nothing is leased, and nothing is put any more. What has failed may still wait for its next attempt.
        var all = new List<T>();
        while (await queue.GetInfoAsync() is { Ready: > 0 } or { Delayed: > 0 })
        {
            all.AddRange(await queue.GetManyAsync(1000, TimeSpan.FromSeconds(1)));
        }

        return all;
    }

    private sealed record Rest(List<Order> Orders, List<Invoice> Invoices);
}
