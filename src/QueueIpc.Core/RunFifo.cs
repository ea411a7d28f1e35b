namespace QueueIpc.Core;

/// <summary>
/// First in, first out, in chunks: growing copies nothing, draining gives memory back,
/// and one spare chunk keeps a queue that swings around a border from allocating.
/// </summary>
internal sealed class RunFifo
{
    private const int ChunkRuns = 512;
    private const int FirstChunkRuns = 8;

    private Chunk? _head;
    private Chunk? _tail;
    private Chunk? _spare;

    public bool IsEmpty => _head is null || _head.Start == _head.End;

    /// <summary>The first run, which may be shortened in place.</summary>
    public ref ItemRun First => ref _head!.Runs[_head.Start];

    /// <summary>All of them, the first one first; for looking at them only.</summary>
    public IEnumerable<ItemRun> Runs
    {
        get
        {
            for (var chunk = _head; chunk is not null; chunk = chunk.Next)
            {
                for (var at = chunk.Start; at < chunk.End; at++)
                {
                    yield return chunk.Runs[at];
                }
            }
        }
    }

    public void Enqueue(in ItemRun run)
    {
        if (_tail is null || _tail.End == _tail.Runs.Length)
        {
            AddChunk();
        }

        _tail!.Runs[_tail.End++] = run;
    }

    public void RemoveFirst()
    {
        var chunk = _head!;
        chunk.Runs[chunk.Start++] = default;
        if (chunk.Start == chunk.End)
        {
            RemoveChunk(chunk);
        }
    }

    private void AddChunk()
    {
        // The first chunk is small: thousands of queues may hold an item or two each.
        var chunk = _spare ?? new Chunk(_tail is null ? FirstChunkRuns : ChunkRuns);
        _spare = null;
        if (_tail is null)
        {
            _head = chunk;
        }
        else
        {
            _tail.Next = chunk;
        }

        _tail = chunk;
    }

    private void RemoveChunk(Chunk chunk)
    {
        chunk.Start = chunk.End = 0;
        if (chunk.Next is null)
        {
            return; // the only chunk: used again from its beginning
        }

        _head = chunk.Next;
        chunk.Next = null;
        _spare = chunk.Runs.Length == ChunkRuns ? chunk : _spare;
    }

    private sealed class Chunk(int capacity)
    {
        public readonly ItemRun[] Runs = new ItemRun[capacity];
        public int Start;
        public int End;
        public Chunk? Next;
    }
}
