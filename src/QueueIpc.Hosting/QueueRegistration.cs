using Microsoft.Extensions.DependencyInjection;

namespace QueueIpc.Hosting;

/// <summary>A queue that the host has.</summary>
internal abstract class QueueRegistration(string name, Type itemType)
{
    public string Name { get; } = name;

    public Type ItemType { get; } = itemType;

    /// <summary>Opens it if it is not open yet.</summary>
    public abstract void Open(IServiceProvider provider);

    public abstract Task<QueueInfo> GetInfoAsync(IServiceProvider provider, CancellationToken ct);
}

/// <inheritdoc/>
internal sealed class QueueRegistration<T>(string name) : QueueRegistration(name, typeof(T))
{
    /// <summary>The queue of that type, if the host has just one: which one is meant is nobody's guess.</summary>
    public static IpcQueue<T> Only(IServiceProvider provider)
    {
        var names = provider.GetServices<QueueRegistration>().Where(queue => queue.ItemType == typeof(T)).Select(queue => queue.Name).ToArray();
        return names is [var name]
            ? provider.GetRequiredKeyedService<IpcQueue<T>>(name)
            : throw new InvalidOperationException(
                $"This host has {names.Length} queues of {typeof(T)}: '{string.Join("', '", names)}'. Say which one with [FromKeyedServices(\"{names[0]}\")].");
    }

    public IpcQueue<T> OpenNew(IServiceProvider provider)
    {
        var options = OptionsBinding.QueueOptionsOf(provider, Name);
        return provider.GetService<QueueClient>() is { } client ? client.OpenQueue<T>(Name, options)
            : provider.GetService<QueueBroker>() is { } broker ? broker.OpenQueue<T>(Name, options)
            : throw new InvalidOperationException($"Queue '{Name}' has no broker: call AddQueueIpcClient to connect to one, or AddQueueIpcBroker to have one in this host.");
    }

    public override void Open(IServiceProvider provider) => provider.GetRequiredKeyedService<IpcQueue<T>>(Name);

    public override async Task<QueueInfo> GetInfoAsync(IServiceProvider provider, CancellationToken ct) =>
        await provider.GetRequiredKeyedService<IpcQueue<T>>(Name).GetInfoAsync(ct).ConfigureAwait(false);
}
