using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace QueueIpc.Tests.Support;

/// <summary>A console program of its own, in a directory outside the repository, as a user would have it.</summary>
internal sealed class OutsideProject : IDisposable
{
    private const string Name = "Program";

    /// <summary>A build on a busy machine takes its time.</summary>
    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queueipc-outside-");
    private readonly Dictionary<string, string> _environment = [];

    /// <param name="program">Its Program.cs.</param>
    /// <param name="items">The items of its project file.</param>
    public OutsideProject(string program, string items = "")
    {
        File.WriteAllText(PathOf("Program.cs"), program);
        File.WriteAllText(PathOf($"{Name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NoWarn>CS1998</NoWarn>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
              <ItemGroup>{items}</ItemGroup>
            </Project>
            """);
    }

    /// <summary>References to the library as it was built for the tests, and to what it needs.</summary>
    public static string LibraryItems { get; } = string.Concat(Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
        .Where(file => Path.GetFileNameWithoutExtension(file) is var name
            && (name is "QueueIpc" or "QueueIpc.Core" or "QueueIpc.Hosting" or "QueueIpc.Sqlite" or "Microsoft.NET.StringTools" or "Microsoft.Data.Sqlite"
                || name.StartsWith("SQLitePCLRaw.", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
                || name.StartsWith("MessagePack", StringComparison.Ordinal)))
        .Select(file => $"<Reference Include=\"{file}\" />")
        .Concat(Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"))
            .Select(file => $"<None Include=\"{file}\" Link=\"{Path.GetFileName(file)}\" CopyToOutputDirectory=\"PreserveNewest\" />")));

    /// <summary>The one that runs these tests.</summary>
    public static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public string PathOf(string file) => Path.Combine(_directory.FullName, file);

    public void SetEnvironment(string variable, string value) => _environment[variable] = value;

    public void Build() => Run(BuildTime, Dotnet, "build", "-o", PathOf("out"), "-m:1", "--disable-build-servers", "--nologo", "-v:quiet");

    /// <summary>Runs what was built, and answers what it has printed.</summary>
    public string RunBuilt(params string[] arguments) => Run(Times.Long, Dotnet, [PathOf(Path.Combine("out", $"{Name}.dll")), .. arguments]);

    /// <summary>Publishes it as one file for this machine, and answers that file.</summary>
    public string Publish(params string[] options)
    {
        Run(BuildTime, Dotnet, ["publish", "--use-current-runtime", "-o", PathOf("published"), "-m:1", "--disable-build-servers", "--nologo", "-v:quiet", .. options]);
        return PathOf(Path.Combine("published", OperatingSystem.IsWindows() ? $"{Name}.exe" : Name));
    }

    /// <summary>A command of the SDK, run in the project's directory.</summary>
    public string RunDotnet(params string[] arguments) => Run(BuildTime, Dotnet, arguments);

    /// <summary>A program, run in the project's directory; it must end with 0.</summary>
    public string Run(TimeSpan time, string program, params string[] arguments) => Run(_directory.FullName, _environment, time, program, arguments);

    public void Dispose() => _directory.Delete(recursive: true);

    public static string RunIn(string directory, params string[] dotnetArguments) => Run(directory, [], BuildTime, Dotnet, dotnetArguments);

    private static string Run(string directory, Dictionary<string, string> environment, TimeSpan time, string program, string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var name in info.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            info.Environment.Remove(name);
        }

        foreach (var (name, value) in environment.Append(new("DOTNET_CLI_UI_LANGUAGE", "en")))
        {
            info.Environment[name] = value;
        }

        using var process = Process.Start(info)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(time))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{program} {string.Join(' ', arguments)}' does not end.");
        }

        Assert.True(process.ExitCode == 0, $"'{program} {string.Join(' ', arguments)}' ended with {process.ExitCode}:\n{output.Result}\n{error.Result}");
        return output.Result.ReplaceLineEndings("\n");
    }
}
