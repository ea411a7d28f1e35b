namespace QueueIpc.Tests.Support;

/// <summary>Where a test's broker lives. What a queue promises holds in both places.</summary>
public enum BrokerPlace
{
    InThisProcess,
    InItsOwnProcess,
}

internal static class BrokerPlaces
{
    public static QueueBroker StartBroker(this BrokerPlace place, QueueBrokerOptions? options = null) =>
        place == BrokerPlace.InThisProcess ? QueueBroker.Start(options) : QueueBroker.StartProcess(options);
}
