using System.Globalization;
using System.Text;

namespace QueueIpc.Cli.Output;

/// <summary>
/// What a terminal takes for an order, or what nobody sees, as an escape: control characters, format characters (they turn the direction of
/// text, or have no width), and what some terminals and editors take for the end of a line. A tab stays.
/// </summary>
internal static class Escapes
{
    public static string In(string text) =>
        text.EnumerateRunes().Any(IsNeeded) ? string.Concat(text.EnumerateRunes().Select(rune => IsNeeded(rune) ? Of(rune) : rune.ToString())) : text;

    public static bool IsNeeded(Rune rune) => rune.Value != '\t' && Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Above ASCII as JSON has it too, so that it may also stand in its strings.</summary>
    public static string Of(Rune rune) => rune.Value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        < 0x80 => $"\\x{rune.Value:x2}",
        _ => string.Concat(rune.ToString().Select(unit => $"\\u{(int)unit:x4}")),
    };
}
