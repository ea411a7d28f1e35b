namespace TaskDistribution;

/// <summary>How far it is: one line that changes on a terminal; where the output goes to a file, a line for every quarter.</summary>
internal sealed class Progress(int total)
{
    private string _line = string.Empty;

    public void Show(int done)
    {
        _line = $"{done}/{total}";
        if (!Console.IsOutputRedirected)
        {
            Console.Write($"\r{_line}");
        }
        else if (done == total || done % Math.Max(1, total / 4) == 0)
        {
            Console.WriteLine(_line);
        }
    }

    /// <summary>A line that stays. On a terminal it takes the place of the progress, which goes on below it.</summary>
    public void Say(string text)
    {
        Console.WriteLine(Console.IsOutputRedirected ? text : $"\r{text.PadRight(_line.Length)}");
        if (!Console.IsOutputRedirected)
        {
            Console.Write(_line);
        }
    }

    /// <summary>Nothing more comes: what the line says now stays.</summary>
    public void End()
    {
        if (!Console.IsOutputRedirected && _line.Length > 0)
        {
            Console.WriteLine();
        }
    }
}
