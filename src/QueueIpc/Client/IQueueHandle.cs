namespace QueueIpc.Client;

/// <summary>A queue of whatever item type, for who meets it without knowing the type: as an argument of a worker.</summary>
internal interface IQueueHandle
{
    string Endpoint { get; }

    string Name { get; }

    /// <summary>A handle of the same item type for another queue.</summary>
    IQueueHandle Open(ClientQueue queue, IQueueSerializer serializer);
}
