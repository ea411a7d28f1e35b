using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Samples;

/// <summary>A whole program for which file descriptors run out (Unix, "ulimit -n").</summary>
public sealed class ShortOfDescriptorsTests
{
    [UnixFact]
    public void UlimitOf64_AProgramWithABroker_EndsInARefusalInWords()
    {
        var program = Path.Combine(Sample.Folder("ProducerConsumer"), "ProducerConsumer.dll");
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"ulimit -n 64; exec dotnet '{program}'"])
        {
            RedirectStandardError = true,
        })!;

        var words = shell.StandardError.ReadToEnd();

        Assert.Contains("Too many open files", words);
        Assert.Contains("of the 64 file descriptors", words);
        Assert.Contains("Raise the limit (ulimit -n)", words);
    }
}
