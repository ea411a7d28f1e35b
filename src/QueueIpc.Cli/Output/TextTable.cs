namespace QueueIpc.Cli.Output;

/// <summary>
/// Rows under titles, for people and for awk alike: no lines, no colours. Numbers stand on the right. On a terminal a row stays a line: long words are
/// shortened for it, and where that is not enough the last columns are left out. Everywhere else all is there.
/// </summary>
internal sealed class TextTable(params string[] titles)
{
    private const string Gap = "  ";
    private const int WordCellsMin = 4;

    private readonly List<string[]> _rows = [titles];

    /// <summary>The titles of the columns that have words in them, and no numbers: they stand on the left.</summary>
    public required string[] WordTitles { get; init; }

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Length == 0 ? "-" : Escapes.In(cell))]);

    public void Print(TextWriter to)
    {
        var widths = titles.Select((_, column) => _rows.Max(row => Cells.Count(row[column]))).ToList();
        var widthMax = WidthMax();
        while (!TryNarrow(widths, widthMax) && widths.Count > 1)
        {
            widths.RemoveAt(widths.Count - 1);
        }

        foreach (var row in _rows)
        {
            var cells = widths.Select((width, column) => IsWords(column) ? Cells.PadRight(Cells.Shorten(row[column], width), width) : Cells.PadLeft(row[column], width));
            to.WriteLine(string.Join(Gap, cells).TrimEnd());
        }
    }

    /// <summary>Takes from the widest words until a row fits into the terminal; false, and nothing taken, when they cannot give as much.</summary>
    private bool TryNarrow(List<int> widths, int widthMax)
    {
        var words = Enumerable.Range(0, widths.Count).Where(IsWords).ToArray();
        var excess = widths.Sum() + (Gap.Length * (widths.Count - 1)) - widthMax;
        if (excess > words.Sum(column => Math.Max(0, widths[column] - WordCellsMin)))
        {
            return false;
        }

        for (; excess > 0; excess--)
        {
            widths[words.MaxBy(column => widths[column])]--;
        }

        return true;
    }

    private bool IsWords(int column) => WordTitles.Contains(titles[column]);

    /// <summary>A terminal that does not know how wide it is says 0.</summary>
    private static int WidthMax() => !Console.IsOutputRedirected && Console.WindowWidth is var width and > 0 ? width : int.MaxValue;
}
