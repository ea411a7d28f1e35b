using System.Globalization;
using QueueIpc.Workers;

namespace QueueIpc.Tests.Processes;

/// <summary>The options of a broker process, on their way to it.</summary>
public sealed class BrokerJobTests
{
    [Fact]
    public void FromText_EveryOptionWithAValueOfItsOwn_ArrivesEqual()
    {
        var options = new QueueBrokerOptions();
        var number = 1_000_000;
        foreach (var property in typeof(QueueBrokerOptions).GetProperties().Where(property => property is { CanWrite: true, Name: not nameof(QueueBrokerOptions.LoggerFactory) }))
        {
            number++;
            property.SetValue(options, property.PropertyType switch
            {
                var type when type == typeof(bool) => true,
                var type when type == typeof(TimeSpan) => TimeSpan.FromTicks(number),
                var type when type == typeof(QueueStorage) => new SqliteStorage($"/{number}"),
                var type => Convert.ChangeType(number, type, CultureInfo.InvariantCulture),
            });
        }

        var arrived = BrokerJob.FromText(BrokerJob.Of(options).ToText()).Options;

        // A storage is made anew, of the same directory.
        Assert.Equal(((SqliteStorage)options.Storage!).Directory, Assert.IsType<SqliteStorage>(arrived.Storage).Directory);
        Assert.Equal(options, arrived with { Storage = options.Storage });
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public void FromText_WithAndWithoutAName_ArrivesEqual(string? name)
    {
        var options = new QueueBrokerOptions { Name = name };

        Assert.Equal(options, BrokerJob.FromText(BrokerJob.Of(options).ToText()).Options);
    }
}
