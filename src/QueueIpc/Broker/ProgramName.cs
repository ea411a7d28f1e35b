using System.ComponentModel;
using System.Diagnostics;

namespace QueueIpc.Broker;

/// <summary>What people call the program that a process runs.</summary>
internal static class ProgramName
{
    private const string Host = "dotnet";

    /// <summary>Empty when the process is gone, or the system does not tell.</summary>
    public static string Of(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            var name = process.ProcessName;

            // All that run under 'dotnet' have that name; only Linux tells another process's arguments.
            return name == Host && OperatingSystem.IsLinux() ? HostedBy(File.ReadAllText($"/proc/{processId}/cmdline")) ?? name : name;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            return string.Empty;
        }
    }

    private static string? HostedBy(string commandLine) =>
        Path.GetFileNameWithoutExtension(commandLine.Split('\0').FirstOrDefault(argument => argument.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)));
}
