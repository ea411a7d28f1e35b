namespace QueueIpc.Protocol;

/// <summary>Why a request was refused (the connection goes on), or a connection was ended.</summary>
internal enum ErrorCode : ushort
{
    // A request was refused.
    BadName = 1,
    OptionsConflict = 2,
    NoSuchQueue = 3,
    ItemTooLarge = 4,
    BadValue = 5,
    TooManyQueues = 6,
    TooManyWaits = 7,
    TooManyHeld = 8,

    /// <summary>A put came again after so long that it is unknown whether it was accepted.</summary>
    TooLate = 10,

    /// <summary>No broker says this: a client says it to itself when a broker came back without a queue's items.</summary>
    ItemsAreLost = 9,

    // The connection is over.
    BadMagic = 100,
    BadVersion = 101,
    BadFrame = 102,
    FrameTooLarge = 103,
    UnknownOp = 104,
    UnknownQueue = 105,
    NotGreeted = 106,
    GreetedTwice = 107,
    DuplicateRequest = 108,
    HandshakeTimeout = 109,
    TooManyConnections = 110,
    TooSlow = 111,
    Stopping = 112,
}
