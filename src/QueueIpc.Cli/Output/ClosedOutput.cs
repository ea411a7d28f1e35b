using System.Text;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Output;

/// <summary>In the place of a standard output that was closed before the program began: what is to be printed fails, in words.</summary>
internal sealed class ClosedOutput : TextWriter
{
    public static IOException Failure => new("The output cannot be written: the standard output is closed.");

    public override Encoding Encoding => Encoding.UTF8;

    public static void ThrowIfClosed()
    {
        if (StandardFile.IsOutputClosed)
        {
            throw Failure;
        }
    }

    public override void Write(char value) => throw Failure;

    public override void Write(string? value) => throw Failure;

    public override void WriteLine(string? value) => throw Failure;
}
