using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace QueueIpc.Dashboard;

/// <summary>What the pages show, as JSON. Version 1: names stay, and more may come. Times are in seconds.</summary>
internal static class Api
{
    private const int RowsMax = 1000;

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/queues", async (BrokerWatch watch, CancellationToken ct) => Answer(await watch.LookAsync(ct).ConfigureAwait(false), view => view.Queues.Select(QueueOf)));
        group.MapGet("/queue", async (string name, BrokerWatch watch, CancellationToken ct) =>
            Answer(await watch.LookAsync(ct).ConfigureAwait(false), view => view.Find(name) is { } row ? QueueOf(row) : null));
        group.MapGet("/connections", async (BrokerWatch watch, CancellationToken ct) =>
            Answer(await watch.LookAsync(ct, withConnections: true).ConfigureAwait(false), view => view.Connections.Select(ConnectionOf)));
        group.MapGet("/health", async (BrokerWatch watch, CancellationToken ct) =>
            Answer(await watch.LookAsync(ct).ConfigureAwait(false), view => new { problems = view.Queues.Where(row => row.Attention is not null).Select(row => new { queue = row.Info.Name, problem = row.Attention }) }));
        group.MapGet("/held", (string name, BrokerWatch watch, CancellationToken ct) => OfQueueAsync(watch, name, queue => queue.GetHeldItems(RowsMax).Select(HeldOf).ToArray(), ct));
        group.MapGet("/dead", (string name, BrokerWatch watch, IOptions<QueueIpcDashboardOptions> options, CancellationToken ct) =>
            OfQueueAsync(watch, name, queue => queue.GetDeadItems(RowsMax).Select(item => DeadOf(item, options.Value.ShowItems)).ToArray(), ct));
    }

    private static IResult Answer(BrokerView view, Func<BrokerView, object?> answer) =>
        view.Problem is { } problem ? Problem(StatusCodes.Status503ServiceUnavailable, problem)
        : answer(view) is { } value ? Results.Json(value)
        : Problem(StatusCodes.Status404NotFound, "There is no such queue.");

    private static async Task<IResult> OfQueueAsync(BrokerWatch watch, string name, Func<IpcQueue<byte[]?>, object> ask, CancellationToken ct)
    {
        try
        {
            return Results.Json(await watch.AskAsync(name, (_, queue) => ask(queue), ct).ConfigureAwait(false));
        }
        catch (NotSupportedException e)
        {
            return Problem(StatusCodes.Status501NotImplemented, e.Message);
        }
        catch (IOException e)
        {
            return Problem(StatusCodes.Status503ServiceUnavailable, e.Message);
        }
        catch (InvalidOperationException e)
        {
            return Problem(StatusCodes.Status404NotFound, e.Message);
        }
    }

    private static IResult Problem(int status, string error) => Results.Json(new { error }, statusCode: status);

    private static object QueueOf(QueueRow row) => new
    {
        name = row.Info.Name,
        label = row.Info.Label,
        capacity = row.Info.Capacity,
        ready = row.Info.Ready,
        leased = row.Info.Leased,
        delayed = row.Info.Delayed,
        dead = row.Info.Dead,
        bytes = row.Info.Bytes,
        waitingGets = row.Info.WaitingGets,
        waitingPuts = row.Info.WaitingPuts,
        oldestAge = row.Info.OldestAge.TotalSeconds,
        totalPut = row.Info.TotalPut,
        totalTaken = row.Info.TotalTaken,
        state = row.State,
        isDurable = row.Info.IsDurable,
        attention = row.Attention,
    };

    private static object ConnectionOf(ConnectionInfo it) => new
    {
        processId = it.ProcessId,
        program = it.Program,
        user = it.User,
        age = it.Age.TotalSeconds,
        openQueues = it.OpenQueues,
        queues = it.Queues.Select(queue => new { name = queue.Name, held = queue.Held, waitingGets = queue.WaitingGets, waitingPuts = queue.WaitingPuts, waitingJoins = queue.WaitingJoins }),
    };

    private static object HeldOf(HeldItem item) => new
    {
        sequence = item.Sequence,
        failures = item.Failures,
        bytes = item.Bytes,
        age = item.Age.TotalSeconds,
        leaseLeft = item.LeaseLeft?.TotalSeconds,
        isInHand = item.IsInHand,
        processId = item.ProcessId,
        program = item.Program,
    };

    private static object DeadOf(DeadItem item, bool withContent) => new
    {
        sequence = item.Sequence,
        failures = item.Failures,
        diedAt = item.DiedAt,
        reason = item.Reason,
        item = withContent ? Cli.Items.ItemText.Of(item.Bytes.ToArray()) : null,
    };
}
