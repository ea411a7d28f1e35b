using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace QueueIpc.Dashboard.Tests;

/// <summary>Makes the pictures of docs/dashboard.md when it is told to, with eng/screenshots.sh; otherwise it only sees to it that they can be made.</summary>
public sealed class ScreenshotTests(Browser browser) : DashboardTest(browser)
{
    private static readonly string? Directory = Environment.GetEnvironmentVariable("QUEUEIPC_SCREENSHOTS");

    [Theory]
    [InlineData("queues", "", 1440, ColorScheme.Light)]
    [InlineData("queues-dark", "", 1024, ColorScheme.Dark)]
    [InlineData("queues-phone", "", 390, ColorScheme.Light)]
    [InlineData("queue", "/queue?name=orders", 1440, ColorScheme.Light)]
    [InlineData("queue-dark", "/queue?name=orders", 1440, ColorScheme.Dark)]
    [InlineData("queue-phone", "/queue?name=orders", 390, ColorScheme.Dark)]
    [InlineData("connections", "/connections", 1440, ColorScheme.Light)]
    [InlineData("health", "/health", 1024, ColorScheme.Light)]
    public async Task Page_WithWorkOnIt_LooksLikeThis(string name, string path, int width, ColorScheme scheme)
    {
        using var busy = Fill();
        var page = await OpenAsync(path, width, scheme: scheme);
        await using var traffic = new Traffic(Broker);
        if (Directory is not null)
        {
            // Some seconds of lines on the charts.
            await Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        await Expect(page.Locator("h1")).ToBeVisibleAsync();
        var picture = await page.ScreenshotAsync(new PageScreenshotOptions { FullPage = width != 390 });
        Assert.NotEmpty(picture);
        if (Directory is not null)
        {
            await File.WriteAllBytesAsync(Path.Combine(Directory, $"dashboard-{name}.png"), picture, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A producer and a consumer on the queue "orders", at a pace that comes and goes.</summary>
    private sealed class Traffic : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _work;

        public Traffic(QueueBroker broker) => _work = Task.Run(() => WorkAsync(broker));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _work;
            _stop.Dispose();
        }

        private async Task WorkAsync(QueueBroker broker)
        {
            using var queue = broker.OpenQueue<string>("orders");
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            try
            {
                for (var i = 0; await pace.WaitForNextTickAsync(_stop.Token); i++)
                {
                    queue.PutMany(Enumerable.Repeat($"order {i}", (int)(20 + (15 * Math.Sin(i / 12.0)))));
                    queue.GetMany((int)(19 + (12 * Math.Cos(i / 15.0))), TimeSpan.Zero);
                }
            }
            catch (OperationCanceledException)
            {
                // The picture is made.
            }
        }
    }
}
