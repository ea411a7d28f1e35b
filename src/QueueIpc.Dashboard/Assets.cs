using Microsoft.AspNetCore.Http;

namespace QueueIpc.Dashboard;

/// <summary>The style and the script: inside the assembly, and nothing from anywhere else.</summary>
internal static class Assets
{
    public static IResult Get(string file) => TypeOf(file) is { } type && typeof(Assets).Assembly.GetManifestResourceStream(file) is { } stream
        ? Results.Stream(stream, type)
        : Results.NotFound();

    private static string? TypeOf(string file) => Path.GetExtension(file) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => null,
    };
}
