using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using QueueIpc;

namespace HostedWorker;

internal sealed record Order(int Id);

internal sealed record Invoice(int OrderId, decimal Total);

internal static class Orders
{
    public const int Count = 40;
}

/// <summary>Works on an order, and passes it on.</summary>
internal sealed class OrderHandler(IpcQueue<Invoice> invoices) : IIpcQueueHandler<Order>
{
    public async Task HandleAsync(QueueLease<Order> lease, CancellationToken ct)
    {
        await Task.Delay(20, ct);
        await invoices.PutAsync(new Invoice(lease.Item.Id, lease.Item.Id * 11.90m), ct);
    }
}

/// <summary>Writes the invoice. If nobody else does it, it also ends the host when half of the work is done.</summary>
internal sealed class InvoiceHandler(Invoices invoices, IHostApplicationLifetime host) : IIpcQueueHandler<Invoice>
{
    public async Task HandleAsync(QueueLease<Invoice> lease, CancellationToken ct)
    {
        await Task.Delay(10, ct);
        if (invoices.Write(lease.Item))
        {
            End();
        }
    }

    private void End()
    {
        if (OperatingSystem.IsWindows())
        {
            host.StopApplication();
            return;
        }

        // What systemd, Docker and Kubernetes send.
        using var kill = Process.Start("kill", ["-TERM", $"{Environment.ProcessId}"]);
        kill.WaitForExit();
    }
}

/// <summary>The file of invoices: one line for each.</summary>
internal sealed class Invoices(string folder, int endAfter)
{
    private readonly string _file = PathIn(folder);
    private int _written = Read(folder).Length;

    public static int[] Read(string folder) =>
        File.Exists(PathIn(folder)) ? [.. File.ReadLines(PathIn(folder)).Select(line => int.Parse(line.Split(' ')[1]))] : [];

    /// <summary>Answers whether that was the last one before the end. One consumer with one item at a time calls it, so that it needs no lock.</summary>
    public bool Write(Invoice invoice)
    {
        File.AppendAllText(_file, FormattableString.Invariant($"order {invoice.OrderId} costs {invoice.Total:0.00}\n"));
        return ++_written == endAfter;
    }

    private static string PathIn(string folder) => Path.Combine(folder, "invoices.txt");
}
