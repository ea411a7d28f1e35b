using Spectre.Console;
using Spectre.Console.Rendering;

namespace QueueIpc.Cli.Output;

/// <summary>
/// What 'top' draws: a queue is one line, however narrow the terminal is. The trend gives way first, then the end of the name, and at last
/// whole columns; a number is whole, or not there.
/// </summary>
internal static class TopScreen
{
    /// <summary>The endpoint, the titles, the last line, and the cursor's.</summary>
    private const int OtherLines = 4;

    private const int NameCellsMin = 5;
    private const int NameCellsUsual = 12;
    private const int NameCellsMax = 20;
    private const string Name = "queue";
    private const string Trend = "trend";

    /// <summary>As wide as usual numbers are, or the columns would move with every digit more.</summary>
    private static readonly string[] Titles = ["  ready", "leased", " dead", "  in/s", " out/s", "oldest", "  kept"];

    /// <summary>How many queues there is room for.</summary>
    public static int Rows => Math.Max(1, AnsiConsole.Profile.Height - OtherLines);

    /// <param name="endpoint">Of the broker.</param>
    /// <param name="all">Its queues.</param>
    /// <param name="from">How many of them were scrolled past.</param>
    /// <param name="silence">For how long it has not answered.</param>
    public static IRenderable Draw(string endpoint, IReadOnlyList<TopRow> all, int from, TimeSpan silence)
    {
        var width = AnsiConsole.Profile.Width;
        var shown = all.Skip(from).Take(Rows).Select(row => (Name: Escapes.In(row.Queue.Name), row.Numbers, Row: row)).ToArray();
        // Where all are kept in memory, nothing needs to say so.
        var titles = all.Any(row => row.Queue.IsDurable) ? Titles : Titles[..^1];
        var widths = titles.Select((title, column) => shown.Select(row => row.Numbers[column].Length).Append(title.Length).Max()).ToList();
        while (widths.Count > 1 && NameCellsMin + Columns(widths) > width)
        {
            widths.RemoveAt(widths.Count - 1);
        }

        var room = width - Columns(widths);
        var name = Math.Min(room, Math.Clamp(shown.Select(row => Cells.Count(row.Name)).Append(NameCellsUsual).Max(), NameCellsUsual, NameCellsMax));
        var bars = room - name - 1 is var rest && rest >= Trend.Length ? Math.Min(rest, TopRow.HistoryMax) : 0;
        string[] lines =
        [
            Markup.Escape(Cells.Shorten(Escapes.In(endpoint), width)),
            $"[bold]{Line(Name, Titles)}{(bars > 0 ? $" {Trend}" : string.Empty)}[/]",
            .. shown.Select(row => $"{Line(row.Name, row.Numbers)} [blue]{row.Row.Sparkline(bars)}[/]"),
            Markup.Escape(Cells.Shorten(LastLine(all.Count, from, shown.Length, silence), width)),
        ];
        return new Markup(string.Join('\n', lines));

        string Line(string first, string[] numbers) => Markup.Escape(string.Join(' ', widths.Select((cells, column) => numbers[column].PadLeft(cells)).Prepend(Cells.PadRight(Cells.Shorten(first, name), name))));
    }

    /// <summary>With a space before each.</summary>
    private static int Columns(List<int> widths) => widths.Sum() + widths.Count;

    private static string LastLine(int all, int from, int shown, TimeSpan silence)
    {
        var queues = all == 0 ? "no queues yet · " : all > shown ? $"{from + 1} to {from + shown} of {Words.Count(all, "queue")}, arrows scroll · " : string.Empty;
        return $"{(silence > TimeSpan.Zero ? $"no answer for {Words.Age(silence)} · " : queues)}q quits";
    }
}
