namespace QueueIpc.Cli.Output;

/// <summary>Rows under titles, for people and for awk alike: no lines, no colours, the same on a terminal and in a pipe. Numbers stand on the right.</summary>
internal sealed class TextTable(params string[] titles)
{
    private readonly List<string[]> _rows = [titles];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Length == 0 ? "-" : cell)]);

    public void Print(TextWriter to)
    {
        var widths = titles.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        var areNumbers = titles.Select((_, column) => _rows.Skip(1).All(row => char.IsAsciiDigit(row[column][0]) || row[column] == "-")).ToArray();
        foreach (var row in _rows)
        {
            var cells = row.Select((cell, column) => areNumbers[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            to.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
