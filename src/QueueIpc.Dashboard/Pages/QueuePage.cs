using QueueIpc.Cli.Items;
using QueueIpc.Cli.Output;

namespace QueueIpc.Dashboard.Pages;

/// <summary>One queue: its charts, who holds what and who waits, what is first, what is dead and why; and what can be done about it.</summary>
internal sealed class QueuePage(PageContext context, BrokerWatch watch) : IPage
{
    private const int HeldShown = 50;
    private const int DeadShown = 100;
    private const int ItemsShown = 10;
    private const int PreviewCharsMax = 500;

    private string Name => context.Get("name");

    public string Title => Name;

    public string Path => "/queue";

    public async Task<IReadOnlyList<(string Id, Html Markup)>> RegionsAsync(BrokerView view, CancellationToken ct)
    {
        if (view.Find(Name) is not { } row)
        {
            return [("head", new Html().Add($"""<h1>{Name}</h1><p class="empty">There is no queue of this name on the broker. It may have been deleted. <a href="{context.Root}">All queues</a></p>"""))];
        }

        var (held, dead, allDead, first) = view.Problem is null ? await AskAsync(row, ct).ConfigureAwait(false) : ([], [], row.Info.Dead, []);
        return
        [
            ("head", Head(row)),
            ("charts", ChartsOf(row.History)),
            ("held", Held(row, held)),
            ("waiting", Waiting(view)),
            ("first", First(row, first)),
            ("dead", Dead(dead, allDead)),
            ("changes", Changes(row)),
        ];
    }

    private async Task<(IReadOnlyList<HeldItem> Held, IReadOnlyList<DeadItem> Dead, int AllDead, IReadOnlyList<byte[]?> First)> AskAsync(QueueRow row, CancellationToken ct)
    {
        try
        {
            return await watch.AskAsync(
                Name,
                (_, queue) =>
                {
                    var held = row.Info.Leased > 0 ? HeldOf(queue) : [];
                    var (dead, all) = row.Info.Dead > 0 ? (queue.GetDeadItems(DeadShown, out var there), there) : ([], 0);
                    var first = context.ShowItems && row.Info.Ready > 0 ? queue.PeekMany(ItemsShown) : [];
                    return (held, dead, all < 0 ? row.Info.Dead : all, first);
                },
                ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            // It was deleted, or the broker went away, a moment ago: the next look says so.
            return ([], [], row.Info.Dead, []);
        }
    }

    private static IReadOnlyList<HeldItem> HeldOf(IpcQueue<byte[]?> queue)
    {
        try
        {
            return queue.GetHeldItems(HeldShown);
        }
        catch (NotSupportedException)
        {
            // A broker of an older version does not say it.
            return [];
        }
    }

    private Html Head(QueueRow row)
    {
        var info = row.Info;
        var html = new Html().Add($"""<p class="crumb"><a href="{context.Root}">Queues</a></p><h1>{row.Title}</h1>{Said()}<p class="facts">{QueuesPage.Status(row)} <span class="dim">{(info.Label.Length > 0 ? info.Name : string.Empty)}</span>{(info.IsDurable ? " · durable" : string.Empty)}</p>""");
        return html.Add($"""
            <dl class="tiles">
            <div><dt>Ready</dt><dd>{info.Ready}</dd></div>
            <div><dt>Capacity</dt><dd>{(info.Capacity > 0 ? Words.Number(info.Capacity) : "none")}</dd></div>
            <div><dt>Leased</dt><dd>{info.Leased}</dd></div>
            <div><dt>Delayed</dt><dd>{info.Delayed}</dd></div>
            <div><dt>Dead</dt><dd>{info.Dead}</dd></div>
            <div><dt>Waiting gets / puts</dt><dd>{info.WaitingGets} / {info.WaitingPuts}</dd></div>
            <div><dt>Bytes</dt><dd>{Words.Bytes(info.Bytes)}</dd></div>
            <div><dt>Oldest</dt><dd>{(info.Ready > 0 ? Words.Age(info.OldestAge) : "–")}</dd></div>
            <div><dt>Ever put / taken</dt><dd>{info.TotalPut} / {info.TotalTaken}</dd></div>
            </dl>
            """);
    }

    /// <summary>What came of the form that led here.</summary>
    private Html Said() => context.Get("did") switch
    {
        "redriven" => Note($"{Number()} ready again."),
        "deleted" => Note($"{Number()} removed."),
        "cleared" => Note($"{Number()} removed."),
        "completed" => Note("The queue is completed."),
        "unconfirmed" => new Html().Add($"""<p class="problem" role="alert">Nothing was changed: what was typed is not the queue's name.</p>"""),
        _ => new Html(),
    };

    private string Number() => Words.Count(long.TryParse(context.Get("n"), out var n) ? n : 0, "item");

    private static Html Note(string what) => new Html().Add($"""<p class="note" role="status">{what}</p>""");

    private static Html ChartsOf(QueueHistory? history)
    {
        if (history is null)
        {
            return new Html();
        }

        var (minutes, hour) = (history.Minutes.ToArray(), history.Hour.ToArray());
        return new Html().Add($"""<h2>Two minutes</h2><div class="charts">{All(minutes, "2 min", QueueHistory.MinutesSamples)}</div><details><summary>The last hour, as far as somebody watched</summary><div class="charts">{All(hour, "1 h", QueueHistory.HourSamples)}</div></details>""");

        static Html All(Sample[] samples, string span, int size) => new Html().Add(
            $"""{Charts.Chart("Rates", span, samples, size, "/s", ("in", "in", it => it.In), ("out", "out", it => it.Out))}{Charts.Chart("Ready", span, samples, size, "", ("ready", "depth", it => it.Ready))}{Charts.Chart("Oldest", span, samples, size, " s", ("oldest", "age", it => it.Oldest))}""");
    }

    private static Html Held(QueueRow row, IReadOnlyList<HeldItem> held)
    {
        var html = new Html().Add($"""<h2>Held <span class="dim">{row.Info.Leased}</span></h2>""");
        if (held.Count == 0)
        {
            return html.Add($"""<p class="empty">{(row.Info.Leased == 0 ? "Nobody holds anything." : "What is held was read ahead, and has no lease.")}</p>""");
        }

        html.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="Held items"><table><thead><tr><th scope="col">Item</th><th scope="col">Process</th><th scope="col">Program</th><th scope="col">Held for</th><th scope="col">Lease left</th><th scope="col">Failures</th><th scope="col">Bytes</th></tr></thead><tbody>""");
        html.AddEach(held, (to, item) => to.Add($"""<tr><th scope="row">{item.Sequence}</th><td data-title="Process">{item.ProcessId}</td><td data-title="Program">{item.Program}</td><td data-title="Held for">{Words.Age(item.Age)}</td><td data-title="Lease left">{(item.LeaseLeft is { } left ? Words.Age(left) : "no end")}{(item.IsInHand ? string.Empty : " (read ahead)")}</td><td data-title="Failures">{item.Failures}</td><td data-title="Bytes">{item.Bytes}</td></tr>"""));
        return html.Add($"</tbody></table></div>");
    }

    private Html Waiting(BrokerView view)
    {
        var waiting = view.Connections.SelectMany(connection => connection.Queues.Where(queue => queue.Name == Name && queue.WaitingGets + queue.WaitingPuts + queue.WaitingJoins > 0).Select(queue => (connection, queue))).Take(HeldShown).ToArray();
        var html = new Html().Add($"<h2>Waiting</h2>");
        if (waiting.Length == 0)
        {
            return html.Add($"""<p class="empty">Nobody waits.</p>""");
        }

        html.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="Who waits"><table><thead><tr><th scope="col">Process</th><th scope="col">Program</th><th scope="col">Waits for</th></tr></thead><tbody>""");
        html.AddEach(waiting, (to, it) => to.Add($"""<tr><th scope="row">{it.connection.ProcessId}</th><td data-title="Program">{it.connection.Program}</td><td data-title="Waits for">{ConnectionsPage.WaitsFor(it.queue)}</td></tr>"""));
        return html.Add($"</tbody></table></div>");
    }

    private Html First(QueueRow row, IReadOnlyList<byte[]?> first)
    {
        if (!context.ShowItems)
        {
            return new Html();
        }

        var html = new Html().Add($"<h2>First items</h2>");
        return first.Count == 0
            ? html.Add($"""<p class="empty">{(row.Info.Ready == 0 ? "Nothing is ready." : "They cannot be shown.")}</p>""")
            : html.Add($"""<ol class="items">""").AddEach(first, (to, item) => to.Add($"<li><code>{Preview(item)}</code></li>")).Add($"</ol>");
    }

    private Html Dead(IReadOnlyList<DeadItem> dead, int all)
    {
        var html = new Html().Add($"""<h2>Dead <span class="dim">{all}</span></h2>""");
        if (dead.Count == 0)
        {
            return html.Add($"""<p class="empty">Nothing is dead.</p>""");
        }

        html.Add($"""<form method="post" action="{context.Root}/queue/dead">{context.TokenField}<input type="hidden" name="name" value="{Name}">""");
        if (context.AllowChanges)
        {
            var reasons = dead.GroupBy(item => item.Reason).OrderByDescending(group => group.Count()).Take(20);
            html.Add($"""<div class="row"><label for="reason">All with the reason</label><select id="reason" name="reason"><option value="">(only those that are ticked)</option>""");
            html.AddEach(reasons, (to, group) => to.Add($"""<option value="{group.Key}">{Short(group.Key, 80)} ({group.Count()})</option>"""));
            html.Add($"""</select><button id="redrive" name="do" value="redrive">Redrive</button><button id="delete-dead" name="do" value="delete" class="danger">Delete</button></div>""");
        }

        html.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="Dead items"><table class="dead"><thead><tr>{Tick("Tick")}<th scope="col">Item</th><th scope="col">Died</th><th scope="col">Failures</th><th scope="col">Reason</th>{(context.ShowItems ? new Html().Add($"""<th scope="col">Content</th>""") : null)}</tr></thead><tbody>""");
        html.AddEach(dead, DeadRow);
        html.Add($"</tbody></table></div></form>");
        return all > dead.Count ? html.Add($"""<p class="dim">These are the oldest {dead.Count}.</p>""") : html;
    }

    private Html Tick(string title) => context.AllowChanges ? new Html().Add($"""<th scope="col">{title}</th>""") : new Html();

    private void DeadRow(Html to, DeadItem item)
    {
        to.Add($"<tr>");
        if (context.AllowChanges)
        {
            to.Add($"""<td data-title="Tick"><input type="checkbox" id="dead-{item.Sequence}" name="item" value="{item.Sequence}" aria-label="Item {item.Sequence}"></td>""");
        }

        to.Add($"""<th scope="row">{item.Sequence}</th><td data-title="Died"><time datetime="{item.DiedAt:O}">{item.DiedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC</time></td><td data-title="Failures">{item.Failures}</td><td data-title="Reason" class="reason">{item.Reason}</td>""");
        if (context.ShowItems)
        {
            to.Add($"""<td data-title="Content"><code>{Preview(item.Bytes.ToArray())}</code></td>""");
        }

        to.Add($"</tr>");
    }

    private Html Changes(QueueRow row) => context.AllowChanges ? new Html().Add($"""
        <h2>Changes</h2>
        <form class="row changes" method="post" action="{context.Root}/queue/change">{context.TokenField}<input type="hidden" name="name" value="{Name}">
        <label for="confirm">To confirm, type the name: <code>{row.Title}</code></label>
        <input id="confirm" name="confirm" autocomplete="off" spellcheck="false" required>
        <button name="do" value="clear">Remove what is ready</button>
        <button name="do" value="complete">Complete</button>
        <button name="do" value="delete" class="danger">Delete the queue</button>
        </form>
        """) : new Html();

    private static string Preview(byte[]? item) => Short(ItemText.Of(item), PreviewCharsMax);

    private static string Short(string text, int charsMax) => text.Length <= charsMax ? text : $"{text[..charsMax]}…";
}
