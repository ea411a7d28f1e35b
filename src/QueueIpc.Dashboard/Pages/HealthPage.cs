namespace QueueIpc.Dashboard.Pages;

/// <summary>What is well and what is not: whether the broker answers, and each queue that somebody should look at.</summary>
internal sealed class HealthPage(PageContext context) : IPage
{
    public string Title => "Health";

    public string Path => "/health";

    public Task<IReadOnlyList<(string Id, Html Markup)>> RegionsAsync(BrokerView view, CancellationToken ct)
    {
        var ill = view.Queues.Where(row => row.Attention is not null).OrderByDescending(row => row.Badness).ToArray();
        var html = new Html().Add($"""<h1>Health</h1><ul class="checks">{Check(view.Problem is null, "The broker answers", view.Problem ?? $"process {view.BrokerProcessId}")}{Check(ill.All(row => row.Info.Dead == 0), "No item is dead", $"{ill.Count(row => row.Info.Dead > 0)} queues with dead items")}{Check(ill.All(row => row.Info.WaitingPuts == 0), "No put waits for room", $"{ill.Count(row => row.Info.WaitingPuts > 0)} queues where puts wait")}{Check(ill.All(row => row.Badness is 0 or > 2), "No item has waited for longer than a minute", $"{ill.Count(row => row.Badness is 1 or 2)} queues where items wait for longer")}</ul>""");
        html.AddEach(ill, (to, row) => to.Add($"""<p><a href="{context.QueueUrl(row.Info.Name)}">{row.Title}</a> {QueuesPage.Status(row)}</p>"""));
        return Task.FromResult<IReadOnlyList<(string, Html)>>([("health", html)]);
    }

    private static Html Check(bool isWell, string what, string more) => isWell
        ? new Html().Add($"""<li class="good"><span aria-hidden="true">✓ </span>{what}</li>""")
        : new Html().Add($"""<li class="bad"><span aria-hidden="true">▲ </span>Not so: {what}. <span class="dim">{more}</span></li>""");
}
