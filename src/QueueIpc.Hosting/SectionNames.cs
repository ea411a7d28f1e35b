using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace QueueIpc.Hosting;

/// <summary>
/// Whether somebody reads the sections of the configuration: a name that is misspelt would be ignored. What QueueIpc does not have is refused. A queue or a
/// consumer that only this host does not have may be another host's, with which it shares its configuration: that is a warning.
/// </summary>
internal static class SectionNames
{
    private static readonly string[] All = ["Broker", "Client", "Queues", "Consumers"];

    public static void CheckOnStart(IServiceCollection services)
    {
        services.AddOptions<Sections>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<Sections>, Check>());
    }

    public static void LogUnread(IServiceProvider provider)
    {
        var queues = provider.GetServices<QueueRegistration>().Select(queue => queue.Name);
        var consumers = provider.GetServices<IHostedService>().OfType<IConsumer>().Select(consumer => consumer.QueueName);
        LogUnread(provider, "Queues", [.. queues.Distinct()], "queues");
        LogUnread(provider, "Consumers", [.. consumers.Distinct()], "consumers of the queues");
    }

    private static void LogUnread(IServiceProvider provider, string section, string[] names, string what)
    {
        var known = names.Length == 0 ? $"no {what.Split(' ')[0]}" : $"the {what} '{string.Join("', '", names)}'";
        foreach (var child in Children(provider, $"{OptionsBinding.Root}:{section}").Where(child => !names.Any(name => IsOf(child.Key, name))))
        {
            Log.SectionUnread(Log.ForHost(provider), child.Path, known);
        }
    }

    /// <summary>A colon in a queue's name makes a section inside a section of it.</summary>
    private static bool IsOf(string key, string name) =>
        name.Equals(key, StringComparison.OrdinalIgnoreCase) || name.StartsWith($"{key}:", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<IConfigurationSection> Children(IServiceProvider provider, string section) =>
        provider.GetService<IConfiguration>()?.GetSection(section).GetChildren() ?? [];

    /// <summary>It has nothing: what is checked is what stands beside the options.</summary>
    private sealed class Sections;

    private sealed class Check(IServiceProvider provider) : IValidateOptions<Sections>
    {
        public ValidateOptionsResult Validate(string? name, Sections options)
        {
            var unknown = Children(provider, OptionsBinding.Root).FirstOrDefault(child => !All.Contains(child.Key, StringComparer.OrdinalIgnoreCase));
            return unknown is null
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"{OptionsBinding.Root}: there is no section '{unknown.Key}' here. The sections are {string.Join(", ", All)}.");
        }
    }
}
