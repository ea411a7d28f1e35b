namespace QueueIpc.Core;

/// <summary>
/// First in, first out, in chunks: growing copies nothing, draining gives memory back,
/// and one spare chunk keeps a queue that swings around a border from allocating.
/// </summary>
internal sealed class ItemFifo
{
    private const int ChunkItems = 512;
    private const int FirstChunkItems = 8;

    private Chunk? _head;
    private Chunk? _tail;
    private Chunk? _spare;

    public int Count { get; private set; }

    public void Enqueue(in Item item)
    {
        if (_tail is null || _tail.End == _tail.Items.Length)
        {
            AddChunk();
        }

        _tail!.Items[_tail.End++] = item;
        Count++;
    }

    public ref readonly Item Peek() => ref _head!.Items[_head.Start];

    public Item Dequeue()
    {
        var chunk = _head!;
        ref var slot = ref chunk.Items[chunk.Start++];
        var item = slot;
        slot = default;
        Count--;
        if (chunk.Start == chunk.End)
        {
            RemoveChunk(chunk);
        }

        return item;
    }

    private void AddChunk()
    {
        // The first chunk is small: thousands of queues may hold an item or two each.
        var chunk = _spare ?? new Chunk(_tail is null ? FirstChunkItems : ChunkItems);
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
        _spare = chunk.Items.Length == ChunkItems ? chunk : _spare;
    }

    private sealed class Chunk(int capacity)
    {
        public readonly Item[] Items = new Item[capacity];
        public int Start;
        public int End;
        public Chunk? Next;
    }
}
