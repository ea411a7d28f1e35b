using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace QueueIpc.ConformanceDriver;

/// <summary>The commands that are about a connection; those about a queue go to its handle.</summary>
internal sealed class Driver
{
    private readonly ConcurrentDictionary<string, IHandle> _handles = new();
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _cancels = new();
    private QueueClient _client = Connect(reconnectMs: 0);

    public JsonObject Do(JsonObject command)
    {
        var answer = new JsonObject { ["id"] = (int)command["id"]!, ["is"] = "ok" };
        try
        {
            answer["value"] = Answer(command);
        }
        catch (Exception exception)
        {
            answer["is"] = Outcome(exception);
            answer["text"] = exception.ToString();
        }

        return answer;
    }

    private JsonNode? Answer(JsonObject command)
    {
        switch ((string)command["do"]!)
        {
            case "connect":
                _handles.Clear();
                _client = Connect((int?)command["reconnect"] ?? 0);
                return null;
            case "open":
                var opened = Open(command);
                _handles[opened.Name] = opened;
                return opened.Name;
            case "cancel":
                _cancels[(string)command["of"]!].Cancel();
                return null;
            case "delete":
                _client.DeleteQueue((string)command["queue"]!);
                return null;
            case "list":
                return new JsonArray([.. _client.GetQueues().Select(info => JsonValue.Create(info.Name))]);
            case "reply":
                using (var requests = _client.OpenQueue<(int Number, IpcQueue<int> Replies)>((string)command["queue"]!))
                {
                    var (number, replies) = requests.Get();
                    replies.Put(number + 1);
                }

                return null;
            default:
                return Handle(command).Do(command, Token(command));
        }
    }

    private static QueueClient Connect(int reconnectMs) =>
        QueueClient.FromEnvironment(new QueueClientOptions { ReconnectTimeout = TimeSpan.FromMilliseconds(reconnectMs) });

    private IHandle Open(JsonObject command)
    {
        QueueOptions? options = null;
        if (command["settings"] is JsonObject told)
        {
            options = new QueueOptions();
            options = options with
            {
                Capacity = (int?)told["capacity"] ?? options.Capacity,
                MaxBytes = (long?)told["maxBytes"] ?? options.MaxBytes,
                LeaseTime = (int?)told["leaseTime"] is not { } lease ? options.LeaseTime : lease == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(lease),
                MaxFailures = (int?)told["maxFailures"] ?? options.MaxFailures,
            };
        }

        var name = Items.Text(command["queue"]!);
        return (string?)command["type"] == "int" ? new Handle<int>(_client.OpenQueue<int>(name, options), _client)
            : new Handle<object?>(_client.OpenQueue<object?>(name, options), _client);
    }

    private IHandle Handle(JsonObject command) => _handles.GetOrAdd(Items.Text(command["queue"]!), _ => Open(command));

    private CancellationToken Token(JsonObject command) =>
        command["as"] is { } name ? (_cancels[(string)name!] = new CancellationTokenSource()).Token : default;

    private static string Outcome(Exception exception) => exception switch
    {
        QueueEmptyException or KeyNotFoundException => "empty",
        QueueFullException => "full",
        QueueCompletedException => "completed",
        BrokerUnavailableException => "unavailable",
        ItemTooLargeException => "too large",
        ItemSerializationException { Message: var text } => text.Contains("put", StringComparison.OrdinalIgnoreCase) && !text.Contains("dead", StringComparison.Ordinal) ? "unwritable" : "unreadable",
        LeaseLostException => "lease lost",
        OperationCanceledException => "cancelled",
        ArgumentOutOfRangeException => "bad value",
        ObjectDisposedException => "closed",
        ArgumentException or InvalidOperationException => "refused",
        TimeoutException => "timed out",
        _ => "another error",
    };
}
