using System.Diagnostics;
using System.Text;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Docs;

/// <summary>A console program of its own, outside the repository, that references the library as it was built for the tests.</summary>
internal sealed class SnippetProject : IDisposable
{
    /// <summary>A build on a busy machine takes its time.</summary>
    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queueipc-snippets-");

    public SnippetProject(string program)
    {
        File.WriteAllText(PathOf("Program.cs"), program);
        File.WriteAllText(PathOf("Snippets.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NoWarn>CS1998</NoWarn>
              </PropertyGroup>
              <ItemGroup>
            {string.Join('\n', LibraryFiles().Select(file => $"    <Reference Include=\"{file}\" />"))}
              </ItemGroup>
            </Project>
            """);
        Run(BuildTime, DotnetPath, "build", PathOf("Snippets.csproj"), "-o", PathOf("out"), "-m:1", "--disable-build-servers", "--nologo", "-v:quiet");
    }

    private static string DotnetPath => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Runs the program, and answers what it has printed.</summary>
    public string Run(params string[] arguments) => Run(Times.Long, DotnetPath, [PathOf(Path.Combine("out", "Snippets.dll")), .. arguments]);

    public void Dispose() => _directory.Delete(recursive: true);

    private static IEnumerable<string> LibraryFiles() => Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
        .Where(file => Path.GetFileNameWithoutExtension(file) is var name
            && (name is "QueueIpc" or "QueueIpc.Core" or "Microsoft.NET.StringTools" or "Microsoft.Extensions.Logging.Abstractions"
                || name.StartsWith("MessagePack", StringComparison.Ordinal)));

    private static string Run(TimeSpan time, string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        info.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        foreach (var name in info.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            info.Environment.Remove(name);
        }

        using var process = Process.Start(info)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(time))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{string.Join(' ', arguments)}' does not end.");
        }

        Assert.True(process.ExitCode == 0, $"'{string.Join(' ', arguments)}' ended with {process.ExitCode}:\n{output.Result}\n{error.Result}");
        return output.Result.ReplaceLineEndings("\n");
    }

    private string PathOf(string file) => Path.Combine(_directory.FullName, file);
}
