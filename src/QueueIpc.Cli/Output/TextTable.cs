namespace QueueIpc.Cli.Output;

/// <summary>
/// Rows under titles, for people and for awk alike: no lines, no colours. Numbers stand on the right. On a terminal a row stays a line, and long words are
/// shortened for it; everywhere else all is there.
/// </summary>
internal sealed class TextTable(params string[] titles)
{
    private const string Gap = "  ";
    private const int WordCharsMin = 4;

    private readonly List<string[]> _rows = [titles];

    /// <summary>The titles of the columns that have words in them, and no numbers: they stand on the left.</summary>
    public required string[] WordTitles { get; init; }

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Length == 0 ? "-" : cell)]);

    public void Print(TextWriter to)
    {
        var widths = titles.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        Narrow(widths);
        foreach (var row in _rows)
        {
            var cells = row.Select((cell, column) => IsWords(column) ? Words.Shorten(cell, widths[column]).PadRight(widths[column]) : cell.PadLeft(widths[column]));
            to.WriteLine(string.Join(Gap, cells).TrimEnd());
        }
    }

    /// <summary>Takes from the widest words until a row fits into the terminal.</summary>
    private void Narrow(int[] widths)
    {
        var words = Enumerable.Range(0, widths.Length).Where(IsWords).ToArray();
        for (var excess = widths.Sum() + (Gap.Length * (widths.Length - 1)) - WidthMax(); excess > 0 && words.Length > 0; excess--)
        {
            var widest = words.MaxBy(column => widths[column]);
            if (widths[widest] <= WordCharsMin)
            {
                return;
            }

            widths[widest]--;
        }
    }

    private bool IsWords(int column) => WordTitles.Contains(titles[column]);

    /// <summary>A terminal that does not know how wide it is says 0.</summary>
    private static int WidthMax() => !Console.IsOutputRedirected && Console.WindowWidth is var width and > 0 ? width : int.MaxValue;
}
