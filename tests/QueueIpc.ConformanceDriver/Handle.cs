using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MessagePack;

namespace QueueIpc.ConformanceDriver;

internal interface IHandle
{
    string Name { get; }

    JsonNode? Do(JsonObject command, CancellationToken cancel);
}

/// <summary>The commands that are about one queue.</summary>
internal sealed class Handle<T>(IpcQueue<T> queue, QueueClient client) : IHandle
{
    private readonly ConcurrentDictionary<string, QueueLease<T>> _leases = new();

    public string Name => queue.Name;

    public JsonNode? Do(JsonObject command, CancellationToken cancel)
    {
        var timeout = command["timeout"] is { } millis ? TimeSpan.FromMilliseconds((double)millis) : Timeout.InfiniteTimeSpan;
        if (timeout < TimeSpan.Zero && command["timeout"] is not null)
        {
            // -1 ms is .NET's word for ever; the cases mean a negative time.
            ArgumentOutOfRangeException.ThrowIfNegative(timeout.TotalMilliseconds, "timeout");
        }

        switch ((string)command["do"]!)
        {
            case "put":
                Put((T)Items.Parse(command["item"], client)!, timeout, cancel);
                return null;
            case "putMany":
                return PutMany(command, timeout);
            case "get":
                return Items.Tell(cancel.CanBeCanceled ? queue.Get(cancel) : queue.Get(timeout));
            case "getMany":
                return Items.Tell(GetMany((int)command["max"]!, timeout));
            case "peek":
                return queue.TryPeek(out var first) ? Items.Tell(first) : throw new KeyNotFoundException();
            case "read":
                return Read((int?)command["count"], (int?)command["hold"]);
            case "lease":
                var lease = _leases[(string)command["lease"]!] = queue.Lease(timeout);
                return new JsonArray(Items.Tell(lease.Item), lease.Failures);
            case "ack":
                Lease(command).Ack();
                return null;
            case "nack":
                Lease(command).Nack(TimeSpan.FromMilliseconds((double?)command["delay"] ?? 0), (string?)command["reason"] ?? string.Empty);
                return null;
            case "release":
                Lease(command).Release();
                return null;
            case "deadLetter":
                var reason = Items.Text(command["reason"]!);
                Lease(command).DeadLetter(reason.Length > 1024 ? reason[..1024] : reason);
                return null;
            case "complete":
                queue.Complete((bool?)command["discard"] ?? false);
                return null;
            case "join":
                return queue.Join(timeout, cancel) ? null : throw new TimeoutException();
            case "clear":
                return queue.Clear();
            case "redrive":
                return queue.Redrive();
            case "deleteDead":
                return queue.DeleteDeadItems();
            case "dead":
                return new JsonArray([.. queue.GetDeadItems(100).Select(dead => (JsonNode)new JsonArray(Items.Tell(Read(dead)), dead.Failures, dead.Reason))]);
            case "close":
                queue.Dispose();
                return null;
            case "info":
                return Info(queue.GetInfo());
            default:
                throw new NotSupportedException($"{command["do"]} is no command.");
        }
    }

    private void Put(T item, TimeSpan timeout, CancellationToken cancel)
    {
        if (cancel.CanBeCanceled)
        {
            queue.Put(item, cancel);
        }
        else
        {
            queue.Put(item, timeout);
        }
    }

    /// <summary>A batch with a timeout is put one by one: .NET's PutMany waits for as long as it takes.</summary>
    private int PutMany(JsonObject command, TimeSpan timeout)
    {
        var items = command["items"] is JsonArray told ? [.. told.Select(each => (T)Items.Parse(each, client)!)]
            : Enumerable.Range((int)command["from"]!, (int)command["count"]!).Select(number => (T)(object)number).ToList();
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            queue.PutMany(items);
            return items.Count;
        }

        items.ForEach(item => queue.Put(item, timeout));
        return items.Count;
    }

    private List<T> GetMany(int max, TimeSpan timeout) => [.. queue.GetMany(max, timeout)];

    private JsonArray Read(int? count, int? hold)
    {
        var items = new JsonArray();
        foreach (var item in queue.GetConsumingEnumerable())
        {
            items.Add(Items.Tell(item));
            if (items.Count == hold)
            {
                Thread.Sleep(Timeout.Infinite);
            }

            if (items.Count == count)
            {
                break;
            }
        }

        return items;
    }

    private static object? Read(DeadItem dead) => MessagePackSerializer.Deserialize<object?>(dead.Bytes);

    private QueueLease<T> Lease(JsonObject command) => _leases[(string)command["lease"]!];

    private static JsonObject Info(QueueInfo info) => new()
    {
        ["ready"] = info.Ready,
        ["leased"] = info.Leased,
        ["delayed"] = info.Delayed,
        ["dead"] = info.Dead,
        ["waitingGets"] = info.WaitingGets,
        ["waitingPuts"] = info.WaitingPuts,
        ["totalTaken"] = info.TotalTaken,
    };
}
