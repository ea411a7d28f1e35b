using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace QueueIpc.Workers;

/// <summary>Starts this same program once more, as a child that does a job of ours before its Main would run.</summary>
internal static class ThisProgram
{
    /// <summary>Tells a child its job.</summary>
    public const string JobVariable = "QUEUEIPC_WORKER";

    public const string HooksVariable = "DOTNET_STARTUP_HOOKS";
    private const string Hook = "QueueIpc";

    /// <summary>Set by the program that looks for a job itself, with RunIfWorker: it needs no hook.</summary>
    public static bool LooksForJobs { get; set; }

    public static ProcessStartInfo StartInfo(string job)
    {
        if (Environment.GetEnvironmentVariable(JobVariable) is not null)
        {
            throw new InvalidOperationException(
                "This process was started as a worker, and its Main runs instead of the job: the automatic start does not work in this build (Native AOT, trimmed, or startup hooks are off). " +
                "Make WorkerProcess.RunIfWorker() the first line of Main.");
        }

        if (!LooksForJobs && !HooksWork)
        {
            throw new InvalidOperationException(
                "A child process of this program would run its Main instead of the job: the automatic start does not work in this build (Native AOT, trimmed, or startup hooks are off). " +
                "Make WorkerProcess.RunIfWorker() the first line of Main; in a file-based program, '#:property PublishAot=false' does as well.");
        }

        if (!LooksForJobs && !HasToo(typeof(ThisProgram).Assembly))
        {
            throw new InvalidOperationException(
                "QueueIpc was loaded here for a plugin, and a child process of this program would not find it. Let the program itself reference QueueIpc.");
        }

        var path = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown, so it cannot be started again.");
        var info = new ProcessStartInfo(path) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(path).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            info.ArgumentList.Add("exec");
            var entry = EntryAssembly();
            AddHostOptions(info.ArgumentList, entry);
            info.ArgumentList.Add(entry);
        }

        info.Environment[JobVariable] = job;
        info.Environment[HooksVariable] = WithOurHook(Environment.GetEnvironmentVariable(HooksVariable));
        return info;
    }

    /// <summary>By name, not by path: the child finds the assembly wherever this program has it, in a single file as well.</summary>
    public static string WithOurHook(string? hooks) => string.IsNullOrEmpty(hooks) ? Hook : hooks + Path.PathSeparator + Hook;

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

    /// <summary>Whether a child will find the assembly: it looks by name, where this program does, and knows of no plugins.</summary>
    public static bool HasToo(Assembly assembly)
    {
        if (AssemblyLoadContext.GetLoadContext(assembly) == AssemblyLoadContext.Default)
        {
            return true;
        }

        try
        {
            AssemblyLoadContext.Default.LoadFromAssemblyName(assembly.GetName());
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException)
        {
            return false;
        }
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

    private static bool HooksWork => RuntimeFeature.IsDynamicCodeSupported && (!AppContext.TryGetSwitch("System.StartupHookProvider.IsSupported", out var supported) || supported);

    /// <summary>
    /// A test host is the entry, and what it runs is somebody else's: it was started with the dependencies and the configuration of the test project, and the child needs the same.
    /// The host tells of its dependencies; a build puts the configuration beside them.
    /// </summary>
    private static void AddHostOptions(Collection<string> arguments, string entry)
    {
        const string DependenciesEnd = ".deps.json";
        var dependencies = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string)?.Split(Path.PathSeparator, ';')[0];
        if (string.IsNullOrEmpty(dependencies) || !dependencies.EndsWith(DependenciesEnd, StringComparison.Ordinal) || dependencies == Path.ChangeExtension(entry, DependenciesEnd))
        {
            return;
        }

        var configuration = dependencies[..^DependenciesEnd.Length] + ".runtimeconfig.json";
        if (File.Exists(configuration))
        {
            arguments.Add("--runtimeconfig");
            arguments.Add(configuration);
        }

        arguments.Add("--depsfile");
        arguments.Add(dependencies);
        foreach (var directory in (AppContext.GetData("PROBING_DIRECTORIES") as string)?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            arguments.Add("--additionalprobingpath");
            arguments.Add(directory);
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
