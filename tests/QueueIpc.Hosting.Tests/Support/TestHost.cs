using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests.Support;

/// <summary>A host with what a test puts into it, and nothing else.</summary>
internal sealed class TestHost : IDisposable
{
    private readonly IHost _host;

    public TestHost(Action<IServiceCollection> add, Dictionary<string, string?>? configuration = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(configuration ?? []);
        builder.Logging.AddProvider(Log);
        add(builder.Services);
        _host = builder.Build();
    }

    public RecordedLog Log { get; } = new();

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public T Get<T>(string key)
        where T : notnull => _host.Services.GetRequiredKeyedService<T>(key);

    public Task StartAsync() => StartAsync(TestContext.Current.CancellationToken);

    public Task StartAsync(CancellationToken ct) => _host.StartAsync(ct).WaitAsync(Times.Long, CancellationToken.None);

    public static async Task<TestHost> StartAsync(Action<IServiceCollection> add, Dictionary<string, string?>? configuration = null)
    {
        var host = new TestHost(add, configuration);
        await host.StartAsync();
        return host;
    }

    /// <summary>Stops it; <paramref name="outOfTime"/> is when its shutdown timeout is over.</summary>
    public Task StopAsync(CancellationToken outOfTime = default) => _host.StopAsync(outOfTime).WaitAsync(Times.Long, CancellationToken.None);

    public void Dispose() => _host.Dispose();
}
