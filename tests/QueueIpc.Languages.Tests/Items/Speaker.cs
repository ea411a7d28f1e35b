using System.Diagnostics;
using System.Text.Json;
using QueueIpc.Tests.Support;

namespace QueueIpc.Languages.Tests.Items;

/// <summary>A program of another language that is told about queues, a line of JSON each, and answers each with what it saw.</summary>
internal sealed class Speaker : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    public Speaker(ProcessStartInfo program)
    {
        program.RedirectStandardInput = true;
        _process = Process.Start(program)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public string[] Ask(object row)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(row));
        _process.StandardInput.Flush();
        var line = _process.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Times.Long), "it does not answer");
        return line.Result is null ? throw new InvalidOperationException(_errors.Result) : JsonSerializer.Deserialize<string[]>(line.Result)!;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
