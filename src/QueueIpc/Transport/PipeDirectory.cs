using System.Runtime.Versioning;

namespace QueueIpc.Transport;

/// <summary>The private directory of this user's pipes (Unix): only the user can enter it, so nobody else can connect, squat or replace.</summary>
internal static class PipeDirectory
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string Advice = "Set XDG_RUNTIME_DIR, or TMPDIR, to a directory that this user can write to.";

    public static string Path
    {
        get
        {
            var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
            return string.IsNullOrEmpty(runtime) || !System.IO.Path.IsPathRooted(runtime)
                ? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"queueipc-{UnixFile.EffectiveUserId}")
                : System.IO.Path.Combine(runtime, "queueipc");
        }
    }

    /// <summary>Makes the directory if it is not there, and makes sure that it is ours and nobody else's.</summary>
    public static void Ensure()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var path = Path;
        MakeIfNothingIsThere(path);
        var entry = UnixFile.Inspect(path);
        if (entry.Kind != UnixFileKind.Directory)
        {
            throw new IOException($"'{path}' must be a directory of this user for QueueIpc's pipes, and is {entry.Description}. Remove it, or set XDG_RUNTIME_DIR to a directory of your own.");
        }

        if (entry.UserId != UnixFile.EffectiveUserId)
        {
            throw new UnauthorizedAccessException($"The directory '{path}' belongs to user {entry.UserId}, not to this one ({UnixFile.EffectiveUserId}). Set XDG_RUNTIME_DIR to a directory of your own.");
        }

        if (entry.Mode != Private)
        {
            File.SetUnixFileMode(path, Private);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void MakeIfNothingIsThere(string path)
    {
        try
        {
            if (UnixFile.Inspect(path).Kind == UnixFileKind.Nothing)
            {
                Directory.CreateDirectory(path, Private);
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UnauthorizedAccessException($"QueueIpc's directory for pipes, '{path}', cannot be made: {e.Message} {Advice}", e);
        }
        catch (IOException e)
        {
            throw new IOException($"QueueIpc's directory for pipes, '{path}', cannot be made: {e.Message} {Advice}", e);
        }
    }
}
