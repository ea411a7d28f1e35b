using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace QueueIpc.Workers;

/// <summary>Starts this same program once more, as a child that does a job of ours before its Main would run.</summary>
internal static class ThisProgram
{
    /// <summary>Tells a child its job.</summary>
    public const string JobVariable = "QUEUEIPC_WORKER";

    private const string HooksVariable = "DOTNET_STARTUP_HOOKS";
    private const string Hook = "QueueIpc";

    public static ProcessStartInfo StartInfo(string job)
    {
        if (Environment.GetEnvironmentVariable(JobVariable) is not null)
        {
            throw new InvalidOperationException(
                "This process was started as a worker, and its Main runs instead of the job: the automatic start does not work in this build (Native AOT, trimmed, or startup hooks are off). " +
                "Make WorkerProcess.RunIfWorker() the first line of Main.");
        }

        var path = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown, so it cannot be started again.");
        var info = new ProcessStartInfo(path) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(path).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            info.ArgumentList.Add("exec");
            info.ArgumentList.Add(EntryAssembly());
        }

        info.Environment[JobVariable] = job;
        var hooks = Environment.GetEnvironmentVariable(HooksVariable);

        // By name, not by path: the child finds the assembly wherever this program has it, in a single file as well.
        info.Environment[HooksVariable] = string.IsNullOrEmpty(hooks) ? Hook : hooks + Path.PathSeparator + Hook;
        return info;
    }

    /// <summary>In the child: its job, if it has one. Its own children shall not inherit it.</summary>
    public static string? TakeJob()
    {
        var job = Environment.GetEnvironmentVariable(JobVariable);
        if (job is not null)
        {
            Environment.SetEnvironmentVariable(JobVariable, null);
            var hooks = Array.FindAll(Environment.GetEnvironmentVariable(HooksVariable)?.Split(Path.PathSeparator) ?? [], hook => hook != Hook);
            Environment.SetEnvironmentVariable(HooksVariable, hooks.Length == 0 ? null : string.Join(Path.PathSeparator, hooks));
        }

        return job;
    }

    /// <summary>Starts it, or says why not.</summary>
    public static Process Start(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"The program '{info.FileName}' could not be started again as a child process: {e.Message}.", e);
        }
    }

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "Only asked for under 'dotnet', where the assembly is a file.")]
    private static string EntryAssembly()
    {
        var path = Assembly.GetEntryAssembly()?.Location;
        return string.IsNullOrEmpty(path)
            ? throw new InvalidOperationException("This program runs under 'dotnet' without an assembly of its own, so it cannot be started again.")
            : path;
    }
}
