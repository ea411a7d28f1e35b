using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace QueueIpc.Hosting.Tests.Observability;

/// <summary>Tracing is on as long as this is there.</summary>
internal sealed class Traces : IDisposable
{
    public const string TestSource = "the test";

    private static readonly ActivitySource Source = new(TestSource);

    private readonly List<Activity> _spans = [];
    private readonly TracerProvider _provider;

    public Traces() => _provider = Sdk.CreateTracerProviderBuilder().AddSource("QueueIpc", TestSource).SetSampler(new AlwaysOnSampler()).AddInMemoryExporter(_spans).Build();

    /// <summary>All spans that have ended, in the order of their ends.</summary>
    public Activity[] Ended(string name) => [.. Ended().Where(span => span.DisplayName == name)];

    public Activity[] Ended()
    {
        lock (_spans)
        {
            return [.. _spans.ToArray()];
        }
    }

    /// <summary>A span of the program around what it does.</summary>
    public static Activity Around(string name) => Source.StartActivity(name)!;

    public void Dispose() => _provider.Dispose();
}
