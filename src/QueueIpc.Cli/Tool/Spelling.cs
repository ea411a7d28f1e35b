namespace QueueIpc.Cli.Tool;

/// <summary>How far two words are from each other, for those who mistyped one.</summary>
internal static class Spelling
{
    /// <summary>What begins with the word, or else is hardly different from it; null when nothing is.</summary>
    public static string? NearestOf(string word, IEnumerable<string> names)
    {
        var all = names.ToArray();
        return all.FirstOrDefault(name => word.Length > 1 && name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            ?? all.Where(name => Distance(word, name) <= Math.Max(1, Math.Min(word.Length, name.Length) / 3)).MinBy(name => Distance(word, name));
    }

    /// <summary>How many letters must be changed, put in, left out or swapped with the next one.</summary>
    public static int Distance(string one, string other)
    {
        var rows = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                    rows[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[one.Length, other.Length];
    }
}
