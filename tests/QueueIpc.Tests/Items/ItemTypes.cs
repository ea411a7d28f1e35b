namespace QueueIpc.Tests.Items;

/// <summary>An item that cannot be serialised before it has a text.</summary>
public sealed class Stubborn
{
    public string Text
    {
        get => field ?? throw new InvalidOperationException("there is no text yet");
        set;
    }
}

/// <summary>A plain class without any attribute.</summary>
public sealed class Plain
{
    public int Number { get; set; }

    public string? Text { get; set; }

    public List<int> Numbers { get; set; } = [];
}

/// <summary>Records inside records, with everything a program would have in them.</summary>
public sealed record Order(Guid Id, DateTime At, string? Customer, Address? To, IReadOnlyList<Line> Lines, Dictionary<string, int> Tags)
{
    public bool SameAs(Order other) =>
        (Id, At, Customer, To) == (other.Id, other.At, other.Customer, other.To) && Lines.SequenceEqual(other.Lines) && Tags.OrderBy(tag => tag.Key).SequenceEqual(other.Tags.OrderBy(tag => tag.Key));
}

public sealed record Address(string Street, int? Floor);

public sealed record Line(string Article, decimal Price, TimeSpan Delivery);

/// <summary>A request that carries the queue for its reply.</summary>
public sealed record Request(int Number, IpcQueue<int> Reply);
