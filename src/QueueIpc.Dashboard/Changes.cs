using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace QueueIpc.Dashboard;

/// <summary>What forms ask for. The guard has seen to it that they are ours and that changes are allowed.</summary>
internal static class Changes
{
    private const int DeadItemsMax = 10_000;

    public static void Map(RouteGroupBuilder group, string path)
    {
        group.MapPost("/queue/dead", (HttpContext http, BrokerWatch watch) => ChangeAsync(http, watch, path, DeadAsync));
        group.MapPost("/queue/change", (HttpContext http, BrokerWatch watch) => ChangeAsync(http, watch, path, QueueAsync));
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext http, BrokerWatch watch, string path, Func<BrokerWatch, string, IFormCollection, CancellationToken, Task<(string Did, int Count)>> change)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
        var name = form["name"].ToString();
        try
        {
            var (did, count) = await change(watch, name, form, http.RequestAborted).ConfigureAwait(false);
            var root = $"{http.Request.PathBase}{path}";
            return SeeOther(http, did == "gone" ? root : $"{root}/queue?name={Uri.EscapeDataString(name)}&did={did}&n={count}");
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or NotSupportedException)
        {
            return Results.Text(e.Message, "text/plain; charset=utf-8", statusCode: StatusCodes.Status409Conflict);
        }
    }

    private static Task<(string Did, int Count)> DeadAsync(BrokerWatch watch, string name, IFormCollection form, CancellationToken ct) => watch.AskAsync(
        name,
        (_, queue) =>
        {
            var reason = form["reason"].ToString();
            var sequences = reason.Length > 0
                ? queue.GetDeadItems(DeadItemsMax).Where(item => item.Reason == reason).Select(item => item.Sequence)
                : form["item"].Select(item => long.TryParse(item, out var sequence) ? sequence : 0);
            return form["do"] == "redrive" ? ("redriven", queue.Redrive(sequences)) : form["do"] == "delete" ? ("deleted", queue.DeleteDead(sequences)) : ("nothing", 0);
        },
        ct);

    private static Task<(string Did, int Count)> QueueAsync(BrokerWatch watch, string name, IFormCollection form, CancellationToken ct)
    {
        return watch.AskAsync(name, Change, ct);

        (string, int) Change(QueueClient client, IpcQueue<byte[]?> queue)
        {
            var title = queue.GetInfo().Label is { Length: > 0 } label ? label : name;
            if (form["confirm"] != title)
            {
                return ("unconfirmed", 0);
            }

            switch (form["do"].ToString())
            {
                case "clear":
                    return ("cleared", queue.Clear());
                case "complete":
                    queue.Complete();
                    return ("completed", 0);
                case "delete":
                    client.DeleteQueue(name);
                    return ("gone", 0);
                default:
                    return ("nothing", 0);
            }
        }
    }

    /// <summary>To loading the page anew, which then changes nothing a second time.</summary>
    private static IResult SeeOther(HttpContext http, string url)
    {
        http.Response.Headers.Location = url;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
