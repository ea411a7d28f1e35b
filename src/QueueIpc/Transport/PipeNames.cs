using System.Security.Cryptography;
using System.Text;

namespace QueueIpc.Transport;

/// <summary>From a broker's name to its endpoint: a socket's absolute path on Unix, a pipe's name on Windows.</summary>
internal static class PipeNames
{
    /// <summary>How the names begin that unnamed brokers get.</summary>
    public const string UnnamedPrefix = "b-";

    /// <summary>What a socket's name has behind it until it is published (Unix). Its path must not be too long with that.</summary>
    public const string UnpublishedSuffix = ".new";

    private const string WindowsPrefix = @"\\.\pipe\";
    private const int NameCharsMax = 64;

    /// <summary>sun_path less its final zero: 108 bytes on Linux, 104 on macOS and the BSDs.</summary>
    private static int PathBytesMax => OperatingSystem.IsLinux() ? 107 : 103;

    /// <summary>What a broker's own may have: it is made under a longer name.</summary>
    private static int BrokerPathBytesMax => PathBytesMax - UnpublishedSuffix.Length;

    public static void CheckBrokerName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > NameCharsMax || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') || name.StartsWith('.'))
        {
            throw new ArgumentException($"A broker's name has 1 to {NameCharsMax} letters, digits, '.', '_' or '-', and does not begin with '.'; '{Shorten(name)}' is none.", nameof(name));
        }
    }

    /// <summary>Where the broker of that name is, for this user.</summary>
    public static string EndpointOf(string name)
    {
        CheckBrokerName(name);
        if (OperatingSystem.IsWindows())
        {
            return $"{WindowsPrefix}queueipc-{Environment.UserName}-{name}";
        }

        var directory = PipeDirectory.Path;
        var path = Path.Combine(directory, $"{name}.sock");
        if (Encoding.UTF8.GetByteCount(path) <= BrokerPathBytesMax)
        {
            return path;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];
        path = Path.Combine(directory, $"{hash}.sock");
        return Encoding.UTF8.GetByteCount(path) <= BrokerPathBytesMax
            ? path
            : throw new PathTooLongException($"The pipe's path '{path}' is longer than the {BrokerPathBytesMax} bytes that a broker's may have. Set XDG_RUNTIME_DIR, or TMPDIR, to a shorter directory.");
    }

    /// <summary>What a user gave to connect to: an endpoint as it is, or a broker's name.</summary>
    public static string Resolve(string endpointOrName)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpointOrName);
        if (!IsEndpoint(endpointOrName))
        {
            return EndpointOf(endpointOrName);
        }

        if (!OperatingSystem.IsWindows() && Encoding.UTF8.GetByteCount(endpointOrName) > PathBytesMax)
        {
            throw new ArgumentException($"The endpoint '{Shorten(endpointOrName)}' is longer than the {PathBytesMax} bytes that a pipe's path may have.", nameof(endpointOrName));
        }

        return endpointOrName;
    }

    /// <summary>What System.IO.Pipes wants to be given for an endpoint.</summary>
    public static string PipeNameOf(string endpoint) =>
        endpoint.StartsWith(WindowsPrefix, StringComparison.OrdinalIgnoreCase) ? endpoint[WindowsPrefix.Length..] : endpoint;

    /// <summary>Whether an endpoint is a broker's that was given no name.</summary>
    public static bool IsUnnamed(string endpoint)
    {
        var name = Path.GetFileNameWithoutExtension(endpoint);
        var at = name.LastIndexOf(UnnamedPrefix, StringComparison.Ordinal);
        return at >= 0 && Guid.TryParseExact(name.AsSpan(at + UnnamedPrefix.Length), "N", out _);
    }

    private static bool IsEndpoint(string text) => OperatingSystem.IsWindows()
        ? text.StartsWith(WindowsPrefix, StringComparison.OrdinalIgnoreCase)
        : text.StartsWith('/');

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
