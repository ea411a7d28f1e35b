using System.Runtime.InteropServices;

namespace QueueIpc.Core.Tests.Model;

/// <summary>How often each thing happened, so that a test can tell that it really tested it.</summary>
internal sealed class Tally
{
    private readonly Dictionary<string, int> _counts = [];

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public void Add(string what) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, what, out _)++;
}
