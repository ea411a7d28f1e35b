namespace QueueIpc.Chaos.Audit;

/// <summary>Every breach of the promise is counted, and the first of each kind are described.</summary>
internal sealed class Evidence
{
    private const int DescribedMax = 10;

    private readonly Dictionary<string, List<string>> _described = [];
    private readonly Dictionary<string, long> _counts = [];

    public IEnumerable<string> Descriptions => _described.SelectMany(kind => kind.Value.Select(text => $"{kind.Key}: {text}"));

    public long this[string kind] => _counts.GetValueOrDefault(kind);

    public void Lost(string what, long count = 1) => Add(nameof(Lost), what, count);

    public void Phantom(string what, long count = 1) => Add(nameof(Phantom), what, count);

    public void Duplicated(string what) => Add(nameof(Duplicated), what, 1);

    public void OutOfOrder(string what) => Add(nameof(OutOfOrder), what, 1);

    public void Late(string what) => Add(nameof(Late), what, 1);

    public void Early(string what) => Add(nameof(Early), what, 1);

    public void LeftAlone(string what) => Add(nameof(LeftAlone), what, 1);

    private void Add(string kind, string what, long count)
    {
        _counts[kind] = this[kind] + count;
        if (_described.TryAdd(kind, []) || _described[kind].Count < DescribedMax)
        {
            _described[kind].Add(what);
        }
    }
}
