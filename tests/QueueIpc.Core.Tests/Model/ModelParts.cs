namespace QueueIpc.Core.Tests.Model;

internal enum ModelState
{
    Ready,
    Delayed,
    Held,
    Dead,
    Gone,
}

/// <summary>An item of the model: where it is, and all that happened to it.</summary>
internal sealed class ModelItem
{
    public required long Sequence { get; init; }

    public required byte[]? Content { get; init; }

    public required long PutAt { get; init; }

    public int Size => Content?.Length ?? 0;

    public ModelState State { get; set; } = ModelState.Ready;

    public int Failures { get; set; }

    /// <summary>Its bytes are on the disk alone.</summary>
    public bool IsAway { get; set; }

    /// <summary>Who holds it, and since which delivery.</summary>
    public ModelDelivery? Delivery { get; set; }

    public ModelTimer? Delay { get; set; }

    public string Reason { get; set; } = string.Empty;

    public long DiedAt { get; set; }
}

/// <summary>One time that one item was given to one client. It outlives its item's stay, as a stale token does.</summary>
internal sealed class ModelDelivery
{
    public required ModelItem Item { get; init; }

    public required long Turn { get; init; }

    public required int Client { get; init; }

    public required ulong Request { get; init; }

    public required bool Lease { get; init; }

    /// <summary>Sent ahead by a subscription that takes: it has no token and is settled by confirming.</summary>
    public bool WithoutToken { get; init; }

    /// <summary>The item's failures when it was delivered.</summary>
    public required int Failures { get; init; }

    public bool InHand { get; set; }

    public ModelTimer? Expiry { get; set; }

    /// <summary>As the machine named it; the model only carries it along.</summary>
    public ulong Token { get; set; }

    public bool IsLive => Item.State == ModelState.Held && ReferenceEquals(Item.Delivery, this);
}

/// <summary>Something due. What was set first comes first when two are due at the same time.</summary>
internal sealed record ModelTimer(long Due, long Turn, Action<long> Act);

/// <summary>A request without an answer.</summary>
internal sealed class ModelRequest
{
    public required int Client { get; init; }

    public required ulong Id { get; init; }

    public bool Lease { get; init; }

    public int MaxItems { get; init; }

    public Queue<byte[]?> Rest { get; init; } = new();

    public int Accepted { get; set; }

    public ModelTimer? Timeout { get; set; }

    /// <summary>Its time is over, and the queue is not empty.</summary>
    public bool IsOverdue { get; set; }

    public bool IsSubscription { get; init; }

    public int WindowItems { get; set; }

    public long WindowBytes { get; init; }

    public ulong Confirmed { get; set; }

    public bool CanReturn { get; init; }

    /// <summary>Whether it was asked for what it does not use, and has said nothing since.</summary>
    public bool IsRecalled { get; set; }

    /// <summary>Sent ahead and not confirmed, oldest first; also those whose lease has ended since.</summary>
    public List<ModelDelivery> Ahead { get; } = [];

    public bool HasRoom => Ahead.Count < WindowItems && (Ahead.Count == 0 || Ahead.Sum(ahead => ahead.Item.Size) < WindowBytes);
}

/// <summary>What a client is told: an item, when there is a delivery, or else an answer.</summary>
internal sealed record ModelEffect(EffectKind Kind, int Client, ulong Request, int Count, ModelDelivery? Delivery = null);
