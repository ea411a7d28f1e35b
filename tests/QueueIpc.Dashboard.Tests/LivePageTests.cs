using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using QueueIpc.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace QueueIpc.Dashboard.Tests;

/// <summary>What is seen and done in a browser.</summary>
public sealed class LivePageTests(Browser browser) : DashboardTest(browser)
{
    [Fact]
    public async Task Queues_AProducerPuts_TheNumbersChange()
    {
        using var jobs = Broker.OpenQueue<string>("jobs");
        var page = await OpenAsync();
        await Expect(Cell(page, "jobs", "Ready")).ToHaveTextAsync("0");

        jobs.PutMany(["a", "b", "c"]);

        await Expect(Cell(page, "jobs", "Ready")).ToHaveTextAsync("3");
    }

    [Fact]
    public async Task Queue_AWorkerIsKilled_ItsLeaseIsSeenToComeBack()
    {
        using var busy = Fill();
        using var mail = Broker.OpenQueue<string>("mail");
        using var begun = Broker.OpenQueue<string>("begun");
        using var worker = WorkerProcess.Start(LeaseAndHang, mail, begun);
        begun.Get(Times.Long);
        var page = await OpenAsync("/queue?name=mail");
        await Expect(page.Locator("#held tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("#held tbody td").First).ToHaveTextAsync($"{worker.Id}");

        worker.Kill();

        await Expect(page.Locator("#held")).ToContainTextAsync("Nobody holds anything.");
        await Expect(page.Locator("#head .tiles dd").First).ToHaveTextAsync("7");
    }

    private static void LeaseAndHang(IpcQueue<string> mail, IpcQueue<string> begun)
    {
        using var lease = mail.Lease();
        begun.Put(lease.Item);
        new ManualResetEventSlim().Wait();
    }

    [Fact]
    public async Task Dead_OneIsTickedAndRedriven_ItIsGoneFromTheList()
    {
        using var busy = Fill();
        var page = await OpenAsync("/queue?name=orders");
        await Expect(page.Locator("#dead tbody tr")).ToHaveCountAsync(5);

        await page.Locator("#dead-2").CheckAsync();
        await page.ClickAsync("#redrive");

        await Expect(page.Locator("#dead tbody tr")).ToHaveCountAsync(4);
        await Expect(page.Locator("#dead-2")).ToHaveCountAsync(0);
        await Expect(page.Locator("[role=status].note")).ToHaveTextAsync("1 item ready again.");
    }

    [Fact]
    public async Task Dead_AllWithOneReason_AreDeletedAndTheOthersStay()
    {
        using var busy = Fill();
        var page = await OpenAsync("/queue?name=orders");

        await page.SelectOptionAsync("#reason", "System.FormatException: no such product 'A-17'");
        await page.ClickAsync("#delete-dead");

        await Expect(page.Locator("#dead tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Locator("#dead tbody")).Not.ToContainTextAsync("FormatException");
    }

    [Theory]
    [InlineData("order", true)]
    [InlineData("orders", false)]
    public async Task Delete_ConfirmedByTheNameOnly(string typed, bool isThere)
    {
        using var busy = Fill();
        var page = await OpenAsync("/queue?name=orders");

        await page.FillAsync("#confirm", typed);
        await page.ClickAsync("#changes button[value=delete]");

        await page.WaitForURLAsync(url => url.EndsWith("/queues", StringComparison.Ordinal) || url.Contains("did=unconfirmed", StringComparison.Ordinal), new() { WaitUntil = WaitUntilState.Commit });
        using var client = QueueClient.Connect(Broker.Endpoint);
        Assert.Equal(isThere, client.GetQueues().Any(queue => queue.Name == "orders"));
    }

    [Fact]
    public async Task Items_WithMarkupAndControlCharacters_AreShownAsText()
    {
        using var queue = Broker.OpenQueue<string>("jobs", new QueueOptions { MaxFailures = 1 });
        queue.PutMany(["<script>window.hit = 1</script>\u0007\u202E", "second"]);
        queue.Lease().Nack(TimeSpan.Zero, "<img src=x onerror='window.hit = 1'>");
        queue.Put("<b>bold</b>\u0001");
        var page = await OpenAsync("/queue?name=jobs");

        await Expect(page.Locator("#dead code")).ToHaveTextAsync("<script>window.hit = 1</script>\\x07\\u202e");
        await Expect(page.Locator("#dead .reason")).ToHaveTextAsync("<img src=x onerror='window.hit = 1'>");
        await Expect(page.Locator("#first li").Last).ToHaveTextAsync("<b>bold</b>\\x01");
        Assert.True(await page.EvaluateAsync<bool>("window.hit === undefined"));
    }

    [Fact]
    public async Task Broker_GoesAndComesBack_ThePageSaysSoAndGoesOn()
    {
        using var jobs = Broker.OpenQueue<string>("jobs");
        var name = Path.GetFileNameWithoutExtension(Broker.Endpoint);
        var page = await OpenAsync();
        await Expect(page.Locator("#queues tbody tr")).ToHaveCountAsync(1);

        Broker.Dispose();
        await Expect(page.Locator("#banner")).ToContainTextAsync("The broker does not answer.");
        Broker = QueueBroker.Start(new QueueBrokerOptions { Name = name });
        using var again = Broker.OpenQueue<string>("again");

        await Expect(page.Locator("#queues tbody")).ToContainTextAsync("again");
        await Expect(page.Locator("#banner")).ToBeEmptyAsync();
    }

    [Theory]
    [InlineData("", 1440, ColorScheme.Light)]
    [InlineData("", 390, ColorScheme.Dark)]
    [InlineData("/queue?name=orders", 1440, ColorScheme.Dark)]
    [InlineData("/queue?name=orders", 390, ColorScheme.Light)]
    [InlineData("/connections", 1024, ColorScheme.Light)]
    [InlineData("/health", 1024, ColorScheme.Dark)]
    public async Task Pages_ToAxe_HaveNoViolation(string path, int width, ColorScheme scheme)
    {
        using var busy = Fill();
        var page = await OpenAsync(path, width, scheme: scheme);

        var found = await page.RunAxe();

        Assert.Empty(found.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/queue?name=orders")]
    [InlineData("/connections")]
    public async Task Pages_OnAPhone_AreNotWiderThanIt(string path)
    {
        using var busy = Fill();
        var page = await OpenAsync(path, width: 390);

        Assert.Equal(390, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    private static ILocator Cell(IPage page, string queue, string title) =>
        page.Locator("#queues tbody tr").Filter(new LocatorFilterOptions { Has = page.Locator($"th:has-text('{queue}')") }).Locator($"td[data-title='{title}']");
}
