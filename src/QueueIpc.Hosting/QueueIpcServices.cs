using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using QueueIpc.Hosting;

namespace QueueIpc;

/// <summary>
/// QueueIpc in a generic host. What these methods set in code is the default; what stands in the configuration under <c>QueueIpc</c> comes on top.
/// All of it is checked when the host starts: a key that does not exist, or a value out of its range, is an <see cref="OptionsValidationException"/> then,
/// and several are an <see cref="AggregateException"/> of these.
/// </summary>
public static class QueueIpcServices
{
    /// <summary>
    /// A broker in this host: it listens before any service of the host starts, and ends after all of them have stopped. Options are bound from
    /// <c>QueueIpc:Broker</c>. The <see cref="QueueBroker"/> can be injected.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options in code, such as the name under which other processes find the broker.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddQueueIpcBroker(this IServiceCollection services, Action<QueueBrokerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBinding.AddBroker(services, configure);
        services.TryAddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<QueueBrokerOptions>>().Value;
            return QueueBroker.Start(options with { LoggerFactory = options.LoggerFactory ?? provider.GetService<ILoggerFactory>() });
        });
        return services.AddLifetime();
    }

    /// <summary>
    /// A connection to a broker, made when the host starts and shared by all its queues. Options are bound from <c>QueueIpc:Client</c>. The
    /// <see cref="QueueClient"/> can be injected.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options in code, such as the broker's name.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddQueueIpcClient(this IServiceCollection services, Action<QueueIpcClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBinding.AddClient(services, configure);
        services.TryAddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<QueueIpcClientOptions>>().Value;
            var connection = new QueueClientOptions
            {
                ConnectTimeout = options.ConnectTimeout,
                ReconnectTimeout = options.ReconnectTimeout,
                WhenItemsAreLost = options.WhenItemsAreLost,
                Serializer = options.Serializer,
                LoggerFactory = provider.GetService<ILoggerFactory>(),
            };
            var endpoint = options.Endpoint ?? provider.GetService<QueueBroker>()?.Endpoint ?? Environment.GetEnvironmentVariable(QueueClient.EndpointVariable);
            var start = provider.GetRequiredService<HostStart>();
            return QueueClient.Connect(endpoint!, connection, start.Token, start.SetFound);
        });
        return services.AddLifetime();
    }

    /// <summary>
    /// A queue, opened when the host starts: through its client if it has one, else on its own broker. Inject it as <see cref="IpcQueue{T}"/>; where the
    /// host has several queues of that type, by its name as well, with <see cref="FromKeyedServicesAttribute"/>. Options are bound from
    /// <c>QueueIpc:Queues:</c> and the name; where there are none, an existing queue is taken as it is.
    /// </summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The queue's name: 1 to 128 characters, no control characters.</param>
    /// <param name="configure">Sets options in code.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddIpcQueue<T>(this IServiceCollection services, string name, Action<QueueOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        OptionsBinding.AddQueue(services, name, configure);
        if (services.Any(service => service.ImplementationInstance is QueueRegistration<T> known && known.Name == name))
        {
            return services;
        }

        var registration = new QueueRegistration<T>(name);
        services.AddSingleton<QueueRegistration>(registration);
        services.AddKeyedSingleton(name, (provider, _) => registration.OpenNew(provider));
        services.TryAddSingleton(QueueRegistration<T>.Only);
        return services.AddLifetime();
    }

    /// <summary>
    /// A service that leases item after item of a queue, and has a handler deal with each. On shutdown it takes no more items at once, and finishes those
    /// under way within the host's shutdown timeout; what is not finished by then goes back, and that is no failure. Options are bound from
    /// <c>QueueIpc:Consumers:</c> and the name.
    /// </summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <typeparam name="THandler">The handler; a scoped service, added here if it is not there.</typeparam>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The queue's name. The queue is added as well.</param>
    /// <param name="concurrency">How many items are handled at a time, unless the configuration says otherwise; 10,000 at most.</param>
    /// <param name="configure">Sets further options in code.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddIpcQueueConsumer<T, THandler>(this IServiceCollection services, string name, int concurrency = 1, Action<IpcQueueConsumerOptions>? configure = null)
        where THandler : class, IIpcQueueHandler<T>
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddScoped<THandler>();
        return services.AddIpcQueueConsumer<T>(name, (lease, provider, ct) => provider.GetRequiredService<THandler>().HandleAsync(lease, ct), concurrency, configure);
    }

    /// <summary>Like <see cref="AddIpcQueueConsumer{T, THandler}"/>, for a handler that is a lambda.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The queue's name. The queue is added as well.</param>
    /// <param name="handler">Deals with one item, see <see cref="IIpcQueueHandler{T}.HandleAsync"/>. The services are those of the item's own scope.</param>
    /// <param name="concurrency">How many items are handled at a time, unless the configuration says otherwise.</param>
    /// <param name="configure">Sets further options in code.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddIpcQueueConsumer<T>(
        this IServiceCollection services,
        string name,
        Func<QueueLease<T>, IServiceProvider, CancellationToken, Task> handler,
        int concurrency = 1,
        Action<IpcQueueConsumerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(handler);
        services.AddIpcQueue<T>(name);
        OptionsBinding.AddConsumer(services, name, options =>
        {
            options.Concurrency = concurrency;
            configure?.Invoke(options);
        });
        services.AddSingleton<IHostedService>(provider => new QueueConsumer<T>(
            name, handler, provider, provider.GetRequiredService<IOptionsMonitor<IpcQueueConsumerOptions>>().Get(name), Hosting.Log.ForConsumers(provider)));
        return services;
    }

    /// <summary>
    /// Checks that the host's broker and queues answer and that none of its consumers has failed, or lost its queue. The numbers of each of these queues are in the result's data.
    /// </summary>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What a failure is reported as; unhealthy by default.</param>
    /// <param name="tags">Tags to choose the check by.</param>
    /// <param name="timeout">How long the check may take; no limit of its own by default. A broker that does not answer is given up after 11 seconds.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddQueueIpc(
        this IHealthChecksBuilder builder,
        string name = "queueipc",
        Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new(name, provider => new QueueIpcHealthCheck(provider), failureStatus, tags, timeout));
    }

    private static IServiceCollection AddLifetime(this IServiceCollection services)
    {
        services.TryAddSingleton<HostStart>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, QueueIpcLifetime>());
        SectionNames.CheckOnStart(services);
        return services;
    }
}
