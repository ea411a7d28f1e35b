using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace QueueIpc.Hosting;

/// <summary>A section of the configuration that this host reads.</summary>
internal sealed record ReadSection(string Path);

/// <summary>
/// Whether somebody reads the sections of the configuration: what is misspelt, or is no section, would be ignored. What QueueIpc does not have is refused.
/// What only this host does not have may be another host's, with which it shares its configuration: that is a warning.
/// </summary>
internal static class SectionNames
{
    private static readonly string[] All = ["Broker", "Client", "Queues", "Consumers"];

    public static void CheckOnStart(IServiceCollection services)
    {
        services.AddOptions<Nothing>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<Nothing>, Check>());
    }

    public static void LogUnread(IServiceProvider provider)
    {
        var log = Log.ForHost(provider);
        var read = provider.GetServices<ReadSection>().Select(section => section.Path).ToArray();
        foreach (var section in SectionsOf(provider))
        {
            foreach (var part in PartsOf(section).Where(part => !read.Any(path => IsWithin(path, part.Path))))
            {
                Log.SectionUnread(log, part.Path, $"this host has {Known(section, read)}");
            }
        }

        // Refused it is not: an environment variable of that name may be meant for something else.
        if (Root(provider) is { Value.Length: > 0 } root && !root.GetChildren().Any())
        {
            Log.SectionUnread(log, root.Path, $"it is a value, and has no sections. They would be {string.Join(", ", All)}");
        }
    }

    private static IConfigurationSection? Root(IServiceProvider provider) => provider.GetService<IConfiguration>()?.GetSection(OptionsBinding.Root);

    private static IEnumerable<IConfigurationSection> SectionsOf(IServiceProvider provider) => Root(provider)?.GetChildren() ?? [];

    /// <summary>What stands for itself in it: the sections of single queues, or the section as it is.</summary>
    private static IEnumerable<IConfigurationSection> PartsOf(IConfigurationSection section) =>
        IsOneOf(["Queues", "Consumers"], section.Key) ? section.GetChildren() : [section];

    private static bool IsOneOf(string[] keys, string key) => keys.Contains(key, StringComparer.OrdinalIgnoreCase);

    /// <summary>A colon in a queue's name makes a section inside a section of it.</summary>
    private static bool IsWithin(string path, string section) =>
        path.Equals(section, StringComparison.OrdinalIgnoreCase) || path.StartsWith($"{section}:", StringComparison.OrdinalIgnoreCase);

    private static string Known(IConfigurationSection section, string[] read)
    {
        var kind = section.Key.ToLowerInvariant();
        var names = read.Where(path => IsWithin(path, section.Path)).Select(path => path[(section.Path.Length + 1)..]).ToArray();
        return names.Length == 0 ? $"no {kind}" : $"the {kind} '{string.Join("', '", names)}'";
    }

    /// <summary>What is checked is what stands beside the options.</summary>
    private sealed class Nothing;

    private sealed class Check(IServiceProvider provider) : IValidateOptions<Nothing>
    {
        public ValidateOptionsResult Validate(string? name, Nothing options)
        {
            var sections = SectionsOf(provider).ToArray();
            if (sections.FirstOrDefault(section => !IsOneOf(All, section.Key)) is { } unknown)
            {
                return ValidateOptionsResult.Fail($"{OptionsBinding.Root}: there is no section '{unknown.Key}' here. The sections are {string.Join(", ", All)}.");
            }

            return sections.SelectMany(PartsOf).Concat(sections).FirstOrDefault(part => !string.IsNullOrEmpty(part.Value)) is { } value
                ? ValidateOptionsResult.Fail($"{value.Path}: '{value.Value}' stands where a section belongs. What stands in a section are keys with values; in Queues and Consumers, sections that have the names of queues.")
                : ValidateOptionsResult.Success;
        }
    }
}
