using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Languages.Tests.Conformance;

/// <summary>A process that does with a client what it is told: commands go in as lines of JSON, answers come out as such.</summary>
internal sealed class DriverProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonObject>> _waiting = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;
    private int _last;

    private DriverProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = Task.Run(ReadAsync);
    }

    public int Id => _process.Id;

    public static DriverProcess Start(string language, string broker)
    {
        var info = language switch
        {
            "Python" => Languages.Command(Languages.Python, broker, Repository.PathOf("tests/conformance/driver.py")),
            "Node" => Languages.Command(Languages.Node, broker, Repository.PathOf("tests/conformance/driver.mjs")),
            _ => Languages.Command("dotnet", broker, Path.Combine(AppContext.BaseDirectory, "QueueIpc.ConformanceDriver.dll")),
        };
        info.RedirectStandardInput = true;
        return new DriverProcess(Process.Start(info)!);
    }

    public Task<JsonObject> Send(JsonObject command)
    {
        var id = ++_last;
        var answer = _waiting[id] = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        var copy = command.DeepClone().AsObject();
        copy["id"] = id;
        _process.StandardInput.WriteLine(copy.ToJsonString());
        _process.StandardInput.Flush();
        return answer.Task;
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var answer = JsonSerializer.Deserialize<JsonObject>(line)!;
            if (_waiting.TryRemove((int)answer["id"]!, out var waiting))
            {
                waiting.SetResult(answer);
            }
        }

        foreach (var waiting in _waiting.Values)
        {
            waiting.TrySetException(new InvalidOperationException("The driver has ended: " + await _errors.WaitAsync(Times.Long)));
        }
    }
}
