using System.Globalization;
using System.Text;
using Spectre.Console;

namespace QueueIpc.Cli.Output;

/// <summary>Text as wide as a terminal draws it: a Chinese character has two cells, a combining accent none.</summary>
internal static class Cells
{
    // ASCII is most of what there is, and for it nothing needs to be loaded.
    public static int Count(string text) => Ascii.IsValid(text) ? text.Length : text.GetCellWidth();

    public static string PadLeft(string text, int cells) => new string(' ', Math.Max(0, cells - Count(text))) + text;

    public static string PadRight(string text, int cells) => text + new string(' ', Math.Max(0, cells - Count(text)));

    /// <summary>The text, or its beginning and an ellipsis.</summary>
    public static string Shorten(string text, int max)
    {
        if (Count(text) <= max)
        {
            return text;
        }

        var (length, cells) = (0, 1);
        while (length < text.Length)
        {
            var next = text.Substring(length, StringInfo.GetNextTextElementLength(text, length));
            cells += Count(next);
            if (cells > max)
            {
                break;
            }

            length += next.Length;
        }

        return $"{text[..length]}…";
    }
}
