namespace QueueIpc.Serialization;

/// <summary>What is being done to an object that is read: where an exception came from is known by it.</summary>
internal static class ShapeStep
{
    /// <summary>Its members' values are read.</summary>
    public const int Reading = -2;

    /// <summary>Its constructor is called, or its callback behind all others.</summary>
    public const int Making = -1;
}
