using System.Runtime.CompilerServices;
using Xunit.Sdk;
using Xunit.v3;

namespace QueueIpc.Tests.Support;

/// <summary>A test of what only Windows has. It is compiled everywhere, and elsewhere it is no test: nothing is skipped that could have run.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer(typeof(WindowsFactDiscoverer))]
public sealed class WindowsFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : FactAttribute(file, line);

/// <summary>Finds the tests on Windows, and none elsewhere.</summary>
public sealed class WindowsFactDiscoverer : FactDiscoverer
{
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute) =>
        OperatingSystem.IsWindows() ? base.Discover(discoveryOptions, testMethod, factAttribute) : new([]);
}
