using System.Diagnostics.CodeAnalysis;

namespace QueueIpc;

/// <summary>What <see cref="IpcQueue{T}.TryGetAsync"/> found.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
/// <param name="Success">Whether there was an item in time.</param>
/// <param name="Item">The item; the type's default value when there was none.</param>
[SuppressMessage("Performance", "CA1815", Justification = "A record struct has value equality.")]
public readonly record struct TryGetResult<T>(bool Success, T Item);
