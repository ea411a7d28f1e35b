using Microsoft.Playwright;
using QueueIpc.Tests.Support;

namespace QueueIpc.Dashboard.Tests;

/// <summary>A broker with a dashboard of its own, and a browser.</summary>
public abstract class DashboardTest(Browser browser) : IAsyncLifetime, IClassFixture<Browser>
{
    private protected DashboardHost Host { get; private set; } = null!;

    protected QueueBroker Broker { get; set; } = null!;

    protected Browser Browser => browser;

    public async ValueTask InitializeAsync()
    {
        Broker = QueueBroker.Start(new QueueBrokerOptions { Name = $"dashboard-{Guid.NewGuid():N}"[..24] });
        Host = await DashboardHost.StartAsync(0, options => (options.Endpoint, options.AllowChanges, options.ShowItems) = (Broker.Endpoint, true, true));
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Broker.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task<IPage> OpenAsync(string path = "", int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await browser.OpenAsync(width, height, scheme);
        await page.GotoAsync(Host.Address);
        if (path.Length > 0)
        {
            await page.GotoAsync($"{Host.Origin}/queues{path}");
        }

        return page;
    }

    /// <summary>Dead and ready items, a lease, a full queue with a put that waits, and an unnamed one.</summary>
    protected Busy Fill() => new(Broker);

    protected sealed class Busy : IDisposable
    {
        private readonly QueueBroker _broker;
        private readonly List<IDisposable> _handles = [];

        public Busy(QueueBroker broker)
        {
            _broker = broker;
            Orders = Open("orders", new QueueOptions { MaxFailures = 1, Capacity = 5000 });
            Orders.PutMany(Enumerable.Range(1, 40).Select(i => $"order {i}"));
            for (var i = 0; i < 5; i++)
            {
                Orders.Lease().Nack(TimeSpan.Zero, i < 3 ? "System.TimeoutException: the warehouse did not answer within 30 s" : "System.FormatException: no such product 'A-17'");
            }

            Lease = Orders.Lease();
            var small = Open("thumbnails", new QueueOptions { Capacity = 2 });
            small.PutMany(["a", "b"]);
            _ = small.PutAsync("c").AsTask().ContinueWith(_ => { }, TaskScheduler.Default);
            Open("mail").PutMany(Enumerable.Range(1, 7).Select(i => $"mail {i}"));
            Open("audit");
        }

        public IpcQueue<string> Orders { get; }

        public QueueLease<string> Lease { get; }

        public void Dispose() => _handles.ForEach(handle => handle.Dispose());

        private IpcQueue<string> Open(string name, QueueOptions? options = null)
        {
            var queue = _broker.OpenQueue<string>(name, options);
            _handles.Add(queue);
            return queue;
        }
    }
}
