using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using QueueIpc.Cli.Items;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>A command that is run for an item, and what came of it.</summary>
internal sealed class ItemCommand(string[] words, TimeSpan? timeout)
{
    private const string Place = "{}";
    private const int ReasonCharsMax = 1000;

    private readonly bool _hasPlace = words.Any(word => word.Contains(Place, StringComparison.Ordinal));

    /// <summary>Null when it succeeded, else why not. <paramref name="stop"/> ends the command.</summary>
    public async Task<string?> RunAsync(byte[]? item, CancellationToken stop)
    {
        var text = _hasPlace ? ItemArgument.Of(item) : string.Empty;
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return "the item has a NUL character, and no argument of a command can have one";
        }

        using var process = Start(text);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (timeout is not null)
        {
            limit.CancelAfter(timeout.Value);
        }

        try
        {
            var errors = ForwardErrorsAsync(process.StandardError);
            await GiveInputAsync(process, item);
            await process.WaitForExitAsync(limit.Token);

            // Whoever was started by the command, and goes on, may keep its error output open.
            var end = await Task.WhenAny(errors, Task.Delay(TimeSpan.FromSeconds(1), limit.Token)) == errors ? await errors : string.Empty;
            return process.ExitCode == 0 ? null : $"exit code {process.ExitCode}{(end.Length > 0 ? $": {end}" : string.Empty)}";
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            stop.ThrowIfCancellationRequested();
            return $"it took longer than {Words.Seconds(timeout!.Value.TotalSeconds)}";
        }
    }

    private Process Start(string text)
    {
        var info = new ProcessStartInfo(words[0]) { RedirectStandardInput = true, RedirectStandardError = true };
        foreach (var word in words.Skip(1))
        {
            info.ArgumentList.Add(word.Replace(Place, text, StringComparison.Ordinal));
        }

        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new ToolException($"'{words[0]}' cannot be started: {e.Message}. The item went back.");
        }
    }

    /// <summary>A command has no standard input but the item: several would take it from each other.</summary>
    private async Task GiveInputAsync(Process process, byte[]? item)
    {
        try
        {
            if (!_hasPlace)
            {
                await process.StandardInput.BaseStream.WriteAsync(ItemArgument.BytesOf(item));
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It does not read it.
        }
    }

    /// <summary>Passes on what the command says, and keeps the end of it.</summary>
    private static async Task<string> ForwardErrorsAsync(StreamReader from)
    {
        var end = new StringBuilder();
        while (await from.ReadLineAsync() is { } line)
        {
            Console.Error.WriteLine(line);
            end.Append(end.Length > 0 ? "\n" : string.Empty).Append(line);
            if (end.Length > 2 * ReasonCharsMax)
            {
                end.Remove(0, end.Length - ReasonCharsMax);
            }
        }

        return end.Length > ReasonCharsMax ? end.ToString(end.Length - ReasonCharsMax, ReasonCharsMax) : end.ToString();
    }
}
