using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace QueueIpc.Dashboard.Tests;

/// <summary>All that a mouse can do, by the keyboard alone; and nothing moves for those who want that.</summary>
public sealed class KeyboardTests(Browser browser) : DashboardTest(browser)
{
    private const string Focused = "document.activeElement.id || document.activeElement.textContent.trim().split('\\n')[0]";

    [Fact]
    public async Task Queues_TabByTab_InTheOrderOfThePage_AndTheFocusIsSeen()
    {
        using var busy = Fill();
        var page = await OpenAsync();

        string[] expected = ["Skip to the content", "QueueIpc", "Queues", "Connections", "Health", "q", "Filter"];
        foreach (var name in expected)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.Equal(name, await page.EvaluateAsync<string>(Focused));
            Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        }
    }

    [Fact]
    public async Task Queues_SkippedToAndFilteredAndSorted_ByKeys()
    {
        using var busy = Fill();
        var page = await OpenAsync();
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("main", await page.EvaluateAsync<string>("document.activeElement.id"));

        await TabTo(page, "q");
        await page.Keyboard.TypeAsync("ord");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#queues tbody tr")).ToHaveCountAsync(1);

        await TabTo(page, "Ready");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#queues th[aria-sort]")).ToHaveTextAsync("Ready");
    }

    /// <summary>The table is made anew twice a second: whoever is on a row of it stays there.</summary>
    [Fact]
    public async Task Queues_NumbersChange_TheFocusStays()
    {
        using var busy = Fill();
        using var mail = Broker.OpenQueue<string>("mail");
        var page = await OpenAsync();
        await TabTo(page, "mail");

        mail.PutMany(["a", "b", "c"]);

        await Expect(page.Locator("#queues tbody tr").Filter(new LocatorFilterOptions { HasText = "mail" }).Locator("td[data-title=Ready]")).ToHaveTextAsync("10");
        Assert.Equal("mail", await page.EvaluateAsync<string>(Focused));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("mail");
    }

    [Fact]
    public async Task Queue_DeadItemRedriven_AndQueueDeleted_ByKeys()
    {
        using var busy = Fill();
        var page = await OpenAsync("/queue?name=orders");
        await TabTo(page, "dead-2");
        await page.Keyboard.PressAsync("Space");
        await TabTo(page, "redrive", back: true);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[role=status].note")).ToHaveTextAsync("1 item ready again.");

        await TabTo(page, "confirm");
        await page.Keyboard.TypeAsync("orders");
        await TabTo(page, "Delete the queue");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Queues");
        await Expect(page.Locator("#queues tbody")).Not.ToContainTextAsync("orders");
    }

    [Theory]
    [InlineData(ReducedMotion.Reduce, "0s")]
    [InlineData(ReducedMotion.NoPreference, "0.15s, 0.15s")]
    public async Task Page_NothingMovesForThoseWhoWantThat(ReducedMotion wanted, string duration)
    {
        var page = await OpenAsync();
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = wanted });

        Assert.Equal(duration, await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('button')).transitionDuration"));
        Assert.Equal(0, await page.EvaluateAsync<int>("document.getAnimations().length"));
    }

    private static async Task TabTo(IPage page, string name, bool back = false)
    {
        for (var i = 0; i < 100; i++)
        {
            await page.Keyboard.PressAsync(back ? "Shift+Tab" : "Tab");
            if (await page.EvaluateAsync<string>(Focused) == name)
            {
                return;
            }
        }

        Assert.Fail($"No key leads to '{name}'.");
    }
}
