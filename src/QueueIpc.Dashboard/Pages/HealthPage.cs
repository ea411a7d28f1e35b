using System.Diagnostics;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Dashboard.Pages;

/// <summary>What is well and what is not: what <c>queueipc check</c> looks at, each queue that somebody should look at, and what <c>queueipc doctor</c> finds.</summary>
internal sealed class HealthPage(PageContext context) : IPage
{
    /// <summary>The doctor connects, and looks at files: not with every look at the broker.</summary>
    private static readonly TimeSpan BetweenVisits = TimeSpan.FromSeconds(5);

    private Finding[] _findings = [];
    private long _visitedAt;

    public string Title => "Health";

    public string Path => "/health";

    public async Task<IReadOnlyList<(string Id, Html Markup)>> RegionsAsync(BrokerView view, CancellationToken ct)
    {
        if (_findings.Length == 0 || Stopwatch.GetElapsedTime(_visitedAt) >= BetweenVisits)
        {
            _findings = await Task.Run(() => Find(context.Endpoint), ct).ConfigureAwait(false);
            _visitedAt = Stopwatch.GetTimestamp();
        }

        var ill = view.Queues.Where(row => row.Attention is not null).OrderByDescending(row => row.Badness).ToArray();
        var html = new Html().Add($"""<h1>Health</h1><ul class="checks">{Check(view.Problem is null, "The broker answers", view.Problem ?? $"process {view.BrokerProcessId}")}{Check(ill.All(row => row.Info.Dead == 0), "No item is dead", $"{ill.Count(row => row.Info.Dead > 0)} queues with dead items")}{Check(ill.All(row => row.Info.WaitingPuts == 0), "No put waits for room", $"{ill.Count(row => row.Info.WaitingPuts > 0)} queues where puts wait")}{Check(ill.All(row => row.Badness is 0 or > 2), "No item has waited for longer than a minute", $"{ill.Count(row => row.Badness is 1 or 2)} queues where items wait for longer")}</ul>""");
        html.AddEach(ill, (to, row) => to.Add($"""<p><a href="{context.QueueUrl(row.Info.Name)}">{row.Title}</a> {QueuesPage.Status(row)}</p>"""));
        var doctor = new Html().Add($"""<h2>What the doctor sees</h2><p class="dim">The same as <code>queueipc doctor</code>, from the process that shows this page.</p><ul class="checks">""");
        doctor.AddEach(_findings, (to, finding) => to.Add($"{Found(finding)}"));
        return [("health", html), ("doctor", doctor.Add($"</ul>"))];
    }

    private static Finding[] Find(string endpoint) => [.. Diagnosis.Versions(), .. Diagnosis.Broker(endpoint), .. Diagnosis.Directory(), .. Diagnosis.Endpoints()];

    private static Html Found(Finding finding) => finding.Advice is null
        ? new Html().Add($"""<li><span class="good"><span aria-hidden="true">✓ </span>{finding.What}</span> {finding.Value}</li>""")
        : new Html().Add($"""<li><span class="bad"><span aria-hidden="true">▲ </span>{finding.What}</span> {finding.Value} <span class="dim">{finding.Advice}</span></li>""");

    private static Html Check(bool isWell, string what, string more) => isWell
        ? new Html().Add($"""<li class="good"><span aria-hidden="true">✓ </span>{what}</li>""")
        : new Html().Add($"""<li class="bad"><span aria-hidden="true">▲ </span>Not so: {what}. <span class="dim">{more}</span></li>""");
}
