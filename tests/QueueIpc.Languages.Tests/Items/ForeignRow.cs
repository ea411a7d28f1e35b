using System.Globalization;
using System.Text.Json;
using QueueIpc.Tests.Support;

namespace QueueIpc.Languages.Tests.Items;

/// <summary>A value of another language, and what a .NET reader of the obvious type gets.</summary>
public abstract record ForeignRow(string Value)
{
    internal abstract string TypeName { get; }

    /// <summary>What is read; "refused" where the client puts nothing, "unreadable" where the item is dead.</summary>
    internal abstract string Outcome(QueueClient client, Speaker speaker);
}

/// <inheritdoc/>
public sealed record ForeignRow<T>(string Value, string Type) : ForeignRow(Value)
{
    internal override string TypeName => Type;

    internal override string Outcome(QueueClient client, Speaker speaker)
    {
        var name = $"foreign-{Guid.NewGuid():N}";
        if (speaker.Ask(new { queue = name, value = Value })[0] is not "put" and var said)
        {
            return said;
        }

        using var queue = client.OpenQueue<T>(name);
        try
        {
            return Told(queue.Get(Times.Long));
        }
        catch (ItemSerializationException)
        {
            return "unreadable";
        }
        finally
        {
            client.DeleteQueue(name);
        }
    }

    private static string Told(T item) => item switch
    {
        null => "null",
        string text => $"\"{text}\"",
        double number when double.IsNegative(number) && number == 0 => "-0",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        DateOnly or TimeOnly => string.Create(CultureInfo.InvariantCulture, $"{item:O}"),
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable => JsonSerializer.Serialize(item),
        _ => item.ToString()!,
    };
}
