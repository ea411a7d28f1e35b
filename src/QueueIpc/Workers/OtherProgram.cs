using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using QueueIpc.Client;

namespace QueueIpc.Workers;

/// <summary>Starts any program as a worker: it finds its queues, and the way to its parent, in its environment.</summary>
internal static partial class OtherProgram
{
    /// <summary>A JSON array of the names of the queues.</summary>
    public const string QueuesVariable = "QUEUEIPC_QUEUES";

    /// <summary>The endpoint and the name of the queue on which the parent's word comes, and whose end is the parent's; a line each.</summary>
    public const string ParentVariable = "QUEUEIPC_PARENT";

    private const int TerminateSignal = 15;

    public static Process Start(ProcessStartInfo program, object[] queues, IpcQueue<byte[]> control)
    {
        var handles = Array.ConvertAll(queues, queue => queue as IQueueHandle
            ?? throw new ArgumentException($"What a program is given are queues, and this is {(queue is null ? "null" : $"a {queue.GetType()}")}. Put other things into a queue.", nameof(queues)));
        var endpoints = handles.Select(handle => handle.Endpoint).Distinct().ToList();
        if (endpoints.Count > 1)
        {
            throw new ArgumentException($"The queues of a program are all on one broker, and these are on {string.Join(" and ", endpoints)}.", nameof(queues));
        }

        program.UseShellExecute = false;
        program.RedirectStandardError = true;
        program.Environment[QueueClient.EndpointVariable] = endpoints.FirstOrDefault() ?? control.Endpoint;
        program.Environment[QueuesVariable] = JsonSerializer.Serialize(Array.ConvertAll(handles, handle => handle.Name), Names.Default.StringArray);
        program.Environment[ParentVariable] = $"{control.Endpoint}\n{control.Name}";
        try
        {
            return Process.Start(program)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"The program '{program.FileName}' could not be started: {e.Message}. Is it installed, and on the PATH?", e);
        }
    }

    /// <summary>Asks a program to end, in the system's own way where it has one.</summary>
    public static void Terminate(Process process, IpcQueue<byte[]> control)
    {
        if (OperatingSystem.IsWindows())
        {
            control.Put(WorkerMain.TerminateMessage);
        }
        else
        {
            _ = kill(process.Id, TerminateSignal);
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [JsonSerializable(typeof(string[]))]
    private sealed partial class Names : JsonSerializerContext;
}
