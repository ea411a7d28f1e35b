using QueueIpc.Cli.Output;

namespace QueueIpc.Dashboard.Pages;

/// <summary>All queues, the worst first; sorted, filtered and paged at the server, so that thousands are as quick as ten.</summary>
internal sealed class QueuesPage(PageContext context) : IPage
{
    private const int RowsPerPage = 50;

    private static readonly (string Key, string Title, Func<QueueRow, double>? By)[] Columns =
    [
        ("name", "Queue", null),
        ("state", "State", row => row.Badness),
        ("ready", "Ready", row => row.Info.Ready),
        ("leased", "Leased", row => row.Info.Leased),
        ("delayed", "Delayed", row => row.Info.Delayed),
        ("dead", "Dead", row => row.Info.Dead),
        ("waiting", "Waiting", row => row.Info.WaitingGets + row.Info.WaitingPuts),
        ("bytes", "Bytes", row => row.Info.Bytes),
        ("oldest", "Oldest", row => row.Info.OldestAge.TotalSeconds),
        ("rate", "In / out per s", row => row.Now.In + row.Now.Out),
    ];

    public string Title => "Queues";

    public string Path => string.Empty;

    private string Filter => context.Get("q");

    private string Sort => context.Get("sort");

    public Task<IReadOnlyList<(string Id, Html Markup)>> RegionsAsync(BrokerView view, CancellationToken ct)
    {
        var chosen = Chosen(view);
        var pages = Math.Max(1, (chosen.Length + RowsPerPage - 1) / RowsPerPage);
        var page = Math.Clamp(int.TryParse(context.Get("page"), out var asked) ? asked : 1, 1, pages);
        return Task.FromResult<IReadOnlyList<(string, Html)>>(
        [
            ("summary", Summary(view)),
            ("find", Find()),
            ("queues", Table(chosen.Skip((page - 1) * RowsPerPage).Take(RowsPerPage), chosen.Length)),
            ("pages", Pages(page, pages)),
        ]);
    }

    private static Html Summary(BrokerView view)
    {
        var (queues, ill) = (view.Queues, view.Queues.Count(row => row.Badness > 0));
        return new Html().Add($"""
            <h1>Queues</h1>
            <dl class="tiles">
            <div><dt>Queues</dt><dd>{queues.Count}</dd></div>
            <div{Warn(ill > 0)}><dt>Need attention</dt><dd>{ill}</dd></div>
            <div><dt>Ready</dt><dd>{queues.Sum(row => (long)row.Info.Ready)}</dd></div>
            <div><dt>Leased</dt><dd>{queues.Sum(row => (long)row.Info.Leased)}</dd></div>
            <div{Warn(queues.Any(row => row.Info.Dead > 0))}><dt>Dead</dt><dd>{queues.Sum(row => (long)row.Info.Dead)}</dd></div>
            <div><dt>In / out per s</dt><dd>{Words.Number(queues.Sum(row => (double)row.Now.In))} / {Words.Number(queues.Sum(row => (double)row.Now.Out))}</dd></div>
            </dl>
            """);
    }

    private static Html Warn(bool isSo) => isSo ? new Html().Add($""" class="warn" """) : new Html();

    private QueueRow[] Chosen(BrokerView view)
    {
        var rows = view.Queues.Where(row => Filter.Length == 0 || row.Info.Name.Contains(Filter, StringComparison.OrdinalIgnoreCase) || row.Info.Label.Contains(Filter, StringComparison.OrdinalIgnoreCase));
        var column = Array.Find(Columns, column => column.Key == Sort);
        return column switch
        {
            { Key: "name" } => [.. rows.OrderBy(row => row.Title, StringComparer.OrdinalIgnoreCase).ThenBy(row => row.Info.Name, StringComparer.Ordinal)],
            { By: { } by } => [.. rows.OrderByDescending(by).ThenBy(row => row.Info.Name, StringComparer.Ordinal)],
            _ => [.. rows.OrderByDescending(row => row.Badness).ThenByDescending(row => row.Info.Ready > 0).ThenBy(row => row.Info.Label.Length == 0 && row.Info.Name.StartsWith('~')).ThenBy(row => row.Info.Name, StringComparer.Ordinal)],
        };
    }

    private Html Find() => new Html().Add($"""
        <form class="find" method="get" action="{context.Root}" role="search">
        <label for="q">Filter by name</label>
        <input id="q" name="q" type="search" value="{Filter}" autocomplete="off" spellcheck="false">
        <input type="hidden" name="sort" value="{Sort}">
        <button>Filter</button>
        </form>
        """);

    private Html Table(IEnumerable<QueueRow> rows, int count)
    {
        var html = new Html().Add($"""<div class="scroll" tabindex="0" role="region" aria-label="Queues"><table class="queues"><thead><tr>""");
        html.AddEach(Columns, (to, column) => to.Add($"""<th scope="col"{Sorted(column.Key)}><a href="{Url(column.Key, 1)}">{column.Title}</a></th>"""));
        html.Add($"</tr></thead><tbody>").AddEach(rows, Row).Add($"</tbody></table></div>");
        return count > 0 ? html : html.Add($"""<p class="empty">{(Filter.Length > 0 ? "No queue has that in its name." : "There is no queue on this broker yet.")}</p>""");
    }

    private void Row(Html to, QueueRow row)
    {
        var info = row.Info;
        to.Add($"""<tr{Warn(row.Badness > 0)}><th scope="row"><a href="{context.QueueUrl(info.Name)}">{row.Title}</a>{Beside(row)}</th>""");
        to.Add($"""<td data-title="State">{Status(row)}</td><td data-title="Ready">{info.Ready}{OfCapacity(info)}</td><td data-title="Leased">{info.Leased}</td><td data-title="Delayed">{info.Delayed}</td>""");
        to.Add($"""<td data-title="Dead"{Warn(info.Dead > 0)}>{info.Dead}</td><td data-title="Waiting">{info.WaitingGets} gets, {info.WaitingPuts} puts</td><td data-title="Bytes">{Words.Bytes(info.Bytes)}</td>""");
        to.Add($"""<td data-title="Oldest">{(info.Ready > 0 ? Words.Age(info.OldestAge) : "–")}</td><td data-title="In / out per s" class="rate"><span>{Words.Number((double)row.Now.In)} / {Words.Number((double)row.Now.Out)}</span>{Charts.Spark(row.History)}</td></tr>""");
    }

    private static Html OfCapacity(QueueInfo info) => info.Capacity > 0 ? new Html().Add($"""<span class="dim"> of {info.Capacity}</span>""") : new Html();

    private static Html Beside(QueueRow row) => row.Info.Label.Length > 0 ? new Html().Add($""" <span class="dim">unnamed</span>""")
        : row.Info.IsDurable ? new Html().Add($""" <span class="dim">durable</span>""") : new Html();

    /// <summary>In words and with a sign, and not by colour alone.</summary>
    public static Html Status(QueueRow row) => row.Attention is { } attention
        ? new Html().Add($"""<span class="bad"><span aria-hidden="true">▲ </span>{attention}</span>""")
        : new Html().Add($"""<span class="good">{row.State}</span>""");

    private Html Sorted(string key) => key == Sort ? new Html().Add($""" aria-sort="{(key == "name" ? "ascending" : "descending")}" """) : new Html();

    private string Url(string sort, int page) => $"{context.Root}?q={Uri.EscapeDataString(Filter)}&sort={Uri.EscapeDataString(sort)}&page={page}";

    private Html Pages(int page, int pages)
    {
        if (pages == 1)
        {
            return new Html();
        }

        var html = new Html().Add($"""<nav class="pages" aria-label="Pages of queues">""");
        if (page > 1)
        {
            html.Add($"""<a href="{Url(Sort, page - 1)}" rel="prev">Previous</a>""");
        }

        html.Add($"<span>Page {page} of {pages}</span>");
        return (page < pages ? html.Add($"""<a href="{Url(Sort, page + 1)}" rel="next">Next</a>""") : html).Add($"</nav>");
    }
}
