using QueueIpc.Cli.Output;

namespace QueueIpc.Dashboard.Pages;

/// <summary>Who is connected, what they hold and what they wait for.</summary>
internal sealed class ConnectionsPage(PageContext context) : IPage
{
    private const int RowsMax = 500;

    public string Title => "Connections";

    public string Path => "/connections";

    public Task<IReadOnlyList<(string Id, Html Markup)>> RegionsAsync(BrokerView view, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<(string, Html)>>([("connections", Table(view))]);

    /// <summary>In words, such as "2 gets, 1 join".</summary>
    public static string WaitsFor(ConnectionQueueInfo queue) => string.Join(
        ", ",
        new[] { (queue.WaitingGets, "get"), (queue.WaitingPuts, "put"), (queue.WaitingJoins, "join") }.Where(it => it.Item1 > 0).Select(it => Words.Count(it.Item1, it.Item2)));

    private Html Table(BrokerView view)
    {
        var html = new Html().Add($"""<h1>Connections</h1><p class="dim">{Words.Count(view.Connections.Count, "connection")}, this one included. The broker is process {view.BrokerProcessId}.</p>""");
        html.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="Connections"><table><thead><tr><th scope="col">Process</th><th scope="col">Program</th><th scope="col">User</th><th scope="col">Connected</th><th scope="col">Open</th><th scope="col">Holds and waits for</th></tr></thead><tbody>""");
        html.AddEach(
            view.Connections.OrderByDescending(it => it.Queues.Sum(queue => queue.Held)).ThenBy(it => it.ProcessId).Take(RowsMax),
            (to, it) => to.Add($"""<tr><th scope="row">{it.ProcessId}</th><td data-title="Program">{it.Program}</td><td data-title="User">{it.User}</td><td data-title="Connected">{Words.Age(it.Age)}</td><td data-title="Open">{Words.Count(it.OpenQueues, "queue")}</td><td data-title="Holds and waits for">{Queues(it)}</td></tr>"""));
        return html.Add($"</tbody></table></div>");
    }

    private Html Queues(ConnectionInfo connection) => connection.Queues.Count == 0
        ? new Html().Add($"""<span class="dim">nothing</span>""")
        : new Html().Add($"""<ul class="plain">""").AddEach(connection.Queues, (to, queue) => to.Add($"""<li><a href="{context.QueueUrl(queue.Name)}">{queue.Name}</a>: {string.Join(", ", new[] { queue.Held > 0 ? $"holds {queue.Held}" : string.Empty, WaitsFor(queue) is { Length: > 0 } waits ? $"waits for {waits}" : string.Empty }.Where(it => it.Length > 0))}</li>""")).Add($"</ul>");
}
