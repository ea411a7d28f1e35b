namespace QueueIpc.Tests.Linearizability;

internal enum Kind
{
    /// <summary>An item was put.</summary>
    Put,

    /// <summary>There was no room all that time.</summary>
    Full,

    /// <summary>An item was got.</summary>
    Get,

    /// <summary>There was nothing all that time.</summary>
    Empty,
}

/// <summary>One call as its caller saw it. It took effect at one moment between its start and its end, if the queue is what it says.</summary>
/// <param name="What">What became of it.</param>
/// <param name="Value">The item, for Put and Get.</param>
/// <param name="Start">When it was called. Times are places in one order of all starts and ends.</param>
/// <param name="End">When it returned.</param>
internal readonly record struct Operation(Kind What, int Value, long Start, long End)
{
    public override string ToString() => What is Kind.Put or Kind.Get ? $"{What}({Value}) {Start}..{End}" : $"{What} {Start}..{End}";
}

/// <summary>What several clients did with one queue that was empty at the beginning.</summary>
internal sealed record History(int Capacity, IReadOnlyList<Operation> Operations)
{
    public override string ToString() => $"capacity {Capacity}:\n{string.Join('\n', Operations.OrderBy(operation => operation.Start))}";
}
