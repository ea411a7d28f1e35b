using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using QueueIpc.Dashboard;

namespace QueueIpc;

/// <summary>The dashboard as a part of an ASP.NET Core host.</summary>
public static class QueueIpcDashboard
{
    /// <summary>Adds what the dashboard needs. It connects to the broker when a page is opened first, and asks it for nothing while none is open.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddQueueIpcDashboard(this IServiceCollection services, Action<QueueIpcDashboardOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddAntiforgery();
        services.AddOptions<QueueIpcDashboardOptions>().Configure(configure ?? (_ => { }));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BrokerWatch>();
        services.TryAddSingleton<Guard>();
        return services;
    }

    /// <summary>
    /// Puts the dashboard at a path. Add <c>.RequireAuthorization()</c> to say who may see it; without that it answers requests from this machine only, under its loopback names.
    /// </summary>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="path">Where it is, such as "/queues".</param>
    /// <returns>For conventions such as authorization.</returns>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or ends with one.</exception>
    public static IEndpointConventionBuilder MapQueueIpcDashboard(this IEndpointRouteBuilder endpoints, string path = "/queues")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(path);
        if (!path.StartsWith('/') || path.EndsWith('/'))
        {
            throw new ArgumentException($"The dashboard's path is '{path}'. It begins with a slash, and does not end with one.", nameof(path));
        }

        var guard = endpoints.ServiceProvider.GetRequiredService<Guard>();
        var group = endpoints.MapGroup(path);
        group.AddEndpointFilter(guard.CheckAsync);
        ((IEndpointConventionBuilder)group).Finally(guard.SayWhoMayCome);
        Routes.Map(group, path);
        return group;
    }
}
