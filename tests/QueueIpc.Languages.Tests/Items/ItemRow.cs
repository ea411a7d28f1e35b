using System.Text.Json;
using QueueIpc.Tests.Support;

namespace QueueIpc.Languages.Tests.Items;

/// <summary>A value of .NET, and what becomes of it elsewhere: as it is read there without a word about its type, and with one.</summary>
public abstract record ItemRow(string Name)
{
    /// <summary>The type that a Python reader names.</summary>
    public string PythonType { get; init; } = "Any";

    /// <summary>How Node converts the value that it reads, and the other way round.</summary>
    public string NodeRead { get; init; } = "value";

    public string NodeWrite { get; init; } = "value";

    public override string ToString() => Name;

    /// <summary>Sends the value to a program, and gets back what it makes of it.</summary>
    internal abstract Seen Exchange(QueueClient client, Speaker speaker);
}

/// <summary>What a program saw, plainly and converted, and whether what it wrote back is what was sent.</summary>
internal sealed record Seen(string Plain, string Converted, bool PlainIsEqual, bool ConvertedIsEqual);

/// <inheritdoc/>
public sealed record ItemRow<T>(string Name, T Value) : ItemRow(Name)
{
    public override string ToString() => Name;

    internal override Seen Exchange(QueueClient client, Speaker speaker)
    {
        var name = $"row-{Guid.NewGuid():N}";
        using var queue = client.OpenQueue<T>(name);
        queue.Put(Value);
        var told = speaker.Ask(new { queue = name, type = PythonType, read = NodeRead, write = NodeWrite });
        var seen = new Seen(told[0], told[1], IsEqual(client, $"{name}-plain"), IsEqual(client, $"{name}-typed"));
        client.DeleteQueue(name);
        return seen;
    }

    private bool IsEqual(QueueClient client, string name)
    {
        using var back = client.OpenQueue<T>(name);
        try
        {
            var got = back.Get(Times.Long);
            return Value is System.Collections.IEnumerable and not string ? Plain(Value) == Plain(got) : Equals(Value, got) && Sign(Value) == Sign(got);
        }
        catch (ItemSerializationException)
        {
            return false;
        }
        finally
        {
            client.DeleteQueue(name);
        }
    }

    private static string Plain(T value) => JsonSerializer.Serialize(value);

    /// <summary>Minus zero equals zero, and is another number.</summary>
    private static int Sign(T value) => value is double number ? double.IsNegative(number) ? -1 : 1 : 0;
}
