namespace QueueIpc.Protocol;

/// <summary>What a frame says. docs/protocol.md has every request with every possible answer.</summary>
internal enum Op : byte
{
    // Requests about the connection and its queues.
    Hello = 1,
    Bye = 2,
    Open = 3,
    Close = 4,
    Delete = 5,
    List = 6,
    Connections = 7,
    Update = 8,

    // Requests that may wait.
    Put = 16,
    Get = 17,
    Join = 18,
    Subscribe = 19,
    Cancel = 20,

    // What a reader says of the items it was sent.
    Advance = 24,
    RejectNext = 25,
    Ack = 26,
    Nack = 27,
    Release = 28,
    Extend = 29,
    DeadLetter = 30,
    Return = 31,

    // Requests about a queue.
    Info = 40,
    Peek = 41,
    Clear = 42,
    Complete = 43,
    GetDead = 44,
    Redrive = 45,
    DeleteDead = 46,
    GetHeld = 47,
    IsGone = 48,

    // Answers.
    Welcome = 128,
    Opened = 129,
    Done = 130,
    Items = 131,
    Full = 132,
    NeverFits = 133,
    Empty = 134,
    Completed = 135,
    Deleted = 136,
    Cancelled = 137,
    TimedOut = 138,
    LeaseLost = 139,
    QueueInfos = 140,
    DeadItems = 141,
    Refused = 142,
    ConnectionInfos = 143,
    HeldItems = 144,
    Recall = 145,

    /// <summary>The connection is over; the sender closes it.</summary>
    Error = 255,
}
