namespace QueueIpc.Cli.Output;

/// <summary>The terminal's second screen, without a cursor: what was there before is there again afterwards.</summary>
internal sealed class AlternateScreen : IDisposable
{
    public AlternateScreen() => Console.Out.Write("\e[?1049h\e[H\e[?25l");

    public void Dispose() => Console.Out.Write("\e[?25h\e[?1049l");
}
