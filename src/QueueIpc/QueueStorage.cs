using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using QueueIpc.Core;

namespace QueueIpc;

/// <summary>
/// Where a broker's named queues live; without one they live in its memory, and end with it. The kinds are packages of their own:
/// <c>SqliteStorage</c> of QueueIpc.Sqlite keeps them in a directory.
/// </summary>
public abstract class QueueStorage
{
    internal QueueStorage()
    {
    }

    /// <summary>Takes it for one broker, and for no other until that one has let go of it.</summary>
    internal abstract IQueueStore Open(StoreContext context);

    /// <summary>What a broker process needs to make the same storage: its type is known from the object, this is for its constructor.</summary>
    internal abstract string Location { get; }

    /// <summary>The same storage in another process of this program, which has made one itself: its type and its constructor are there.</summary>
    internal static QueueStorage Again(string type, string location) =>
        Find(type, location) ?? throw new ArgumentException($"The broker process does not find the storage '{type}'. Its package must be where the program is.");

    /// <summary>A storage by the name of its type; null if its package is not there.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2057", Justification = "Where it is not there, that is said.")]
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "As above.")]
    internal static QueueStorage? Find(string type, string location) => Type.GetType(type) is { } found ? (QueueStorage)Activator.CreateInstance(found, location)! : null;
}

/// <summary>What a store may need of its broker.</summary>
/// <param name="Logger">Where the broker logs.</param>
/// <param name="UnixOffset">What to add to a time of the machine's clock to get microseconds since 1970.</param>
/// <param name="Failed">It cannot keep anything any more: the broker must end, with this reason. What was written and not kept is unknown.</param>
/// <param name="RoomCame">There is room again after <see cref="IQueueStore.HasRoom"/> was false.</param>
internal sealed record StoreContext(ILogger Logger, long UnixOffset, Action<Exception> Failed, Action RoomCame);

/// <summary>A storage that a broker has opened. All that is written to its journals is kept in the order of the writes, of all queues together.</summary>
internal interface IQueueStore : IDisposable
{
    /// <summary>Whether items may be accepted. While it is false, puts wait; everything else goes on.</summary>
    bool HasRoom { get; }

    /// <summary>How much of a queue should be in memory as well.</summary>
    Nearness Near { get; }

    /// <summary>All queues, as they were kept. Called once, first.</summary>
    IReadOnlyList<StoredQueue> Load();

    /// <summary>The journal of a queue that <see cref="Load"/> told of.</summary>
    IQueueJournal Continue(string name, IJournalOwner owner);

    /// <summary>The journal of a new queue; that there is one is its first write.</summary>
    IQueueJournal Create(string name, QueueSettings settings, IJournalOwner owner);
}

/// <summary>What one queue has to remember. Nothing here waits for a disk; one queue's calls come one at a time.</summary>
internal interface IQueueJournal
{
    /// <summary>One more write: these changes, in their order. The list is the caller's again afterwards; the items' bytes must not change.</summary>
    void Write(List<Change> changes);

    /// <summary>Brings items, as they are after all writes before this.</summary>
    void Read(in Reading reading);

    /// <summary>One more write, and the last: the queue is gone.</summary>
    void Delete();
}

/// <summary>Whoever waits for what it has written.</summary>
internal interface IJournalOwner
{
    /// <summary>So many of its writes, counted from the first, are kept: they outlive this process and this machine. Comes from a thread of the store that holds no lock.</summary>
    void Kept(long writes);

    /// <summary>Items that were to be brought. Comes from a thread of the store that holds no lock; what cannot be read ends the broker instead.</summary>
    void Arrived(in Reading reading, IReadOnlyList<ItemRun> runs);
}
