using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace QueueIpc.Hosting;

/// <summary>Where options come from, and who says at the start of the host that they are wrong, and where they stand.</summary>
internal static class OptionsBinding
{
    public const string Root = "QueueIpc";

    private const string DataDirectory = "DataDirectory";

    public static void AddBroker(IServiceCollection services, Action<QueueBrokerOptions>? configure) =>
        Add(services, Options.DefaultName, $"{Root}:Broker", configure, BindBroker, (_, options) =>
        {
            options.Validate();
            if (options.Detached)
            {
                throw new ArgumentException("The broker of a host cannot be Detached: it ends with the host.");
            }
        });

    public static void AddClient(IServiceCollection services, Action<QueueIpcClientOptions>? configure) =>
        Add(services, Options.DefaultName, $"{Root}:Client", configure, (section, options) => section.Bind(options, Strictly),
            (provider, options) => options.Validate(hasBroker: provider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(QueueBroker))));

    public static void AddQueue(IServiceCollection services, string name, Action<QueueOptions>? configure)
    {
        Add(services, name, QueueSection(name), configure, (section, options) => section.Bind(options, Strictly), (_, options) => options.Validate());
        if (configure is not null)
        {
            services.AddSingleton(new ConfiguredInCode(name));
        }
    }

    public static void AddConsumer(IServiceCollection services, string name, Action<IpcQueueConsumerOptions>? configure) =>
        Add(services, name, $"{Root}:Consumers:{name}", configure, (section, options) => section.Bind(options, Strictly), (_, options) => options.Validate());

    /// <summary>What the queue must be like; null when nobody said anything, so that it is taken as it is.</summary>
    public static QueueOptions? QueueOptionsOf(IServiceProvider provider, string name)
    {
        var isSaid = provider.GetServices<ConfiguredInCode>().Any(configured => configured.Queue == name)
            || provider.GetService<IConfiguration>()?.GetSection(QueueSection(name)).Exists() == true;
        return isSaid ? provider.GetRequiredService<IOptionsMonitor<QueueOptions>>().Get(name) : null;
    }

    /// <summary>A storage is no text, but a directory is one.</summary>
    private static void BindBroker(IConfigurationSection section, QueueBrokerOptions options)
    {
        if (section[DataDirectory] is { Length: > 0 } directory)
        {
            options.Storage = QueueStorage.Find("QueueIpc.SqliteStorage, QueueIpc.Sqlite", directory)
                ?? throw new InvalidOperationException($"{DataDirectory} needs the package QueueIpc.Sqlite. Reference it, or leave {DataDirectory} out.");
        }

        // The same section without that key, and where it was: errors name the place.
        var others = section.AsEnumerable().Where(entry => !entry.Key.Equals($"{section.Path}:{DataDirectory}", StringComparison.OrdinalIgnoreCase));
        new ConfigurationBuilder().AddInMemoryCollection(others).Build().GetSection(section.Path).Bind(options, Strictly);
    }

    private static string QueueSection(string name) => $"{Root}:Queues:{name}";

    private static void Strictly(BinderOptions binder) => binder.ErrorOnUnknownConfiguration = true;

    private static void Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(
        IServiceCollection services, string name, string section, Action<TOptions>? configure,
        Action<IConfigurationSection, TOptions> bind, Action<IServiceProvider, TOptions> check)
        where TOptions : class
    {
        var builder = services.AddOptions<TOptions>(name);
        if (configure is not null)
        {
            builder.Configure(configure);
        }

        builder.Configure<IServiceProvider>((options, provider) =>
        {
            if (provider.GetService<IConfiguration>()?.GetSection(section) is { } found && found.Exists())
            {
                Bind(name, found, options, bind);
            }
        });
        if (services.Any(service => service.ImplementationInstance is ReadSection known && known.Path == section))
        {
            return;
        }

        services.AddSingleton(new ReadSection(section));
        services.AddSingleton<IValidateOptions<TOptions>>(provider => new Validation<TOptions>(name, section, options => check(provider, options)));
        builder.ValidateOnStart();
    }

    /// <summary>What the binder refuses it names with .NET's types; keys that do not exist are named here, with those that do, and what it would not notice, or would take for something else.</summary>
    private static void Bind<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(
        string name, IConfigurationSection section, TOptions options, Action<IConfigurationSection, TOptions> bind)
        where TOptions : class
    {
        var properties = typeof(TOptions).GetProperties();

        // What is no text, a logger factory, a serializer and a storage, is for code alone to set.
        string[] keys =
        [
            .. properties.Where(property => property.CanWrite && !property.PropertyType.IsInterface && !property.PropertyType.IsAbstract).Select(property => property.Name),
            .. typeof(TOptions) == typeof(QueueBrokerOptions) ? [DataDirectory] : Array.Empty<string>(),
        ];
        if (section.GetChildren().FirstOrDefault(child => !keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            var shown = keys.Where(key => key != nameof(QueueBrokerOptions.Detached));
            throw Refusal($"{section.Path}: there is no key '{unknown.Key}' here. The keys are {string.Join(", ", shown)}.");
        }

        if (section.GetChildren().FirstOrDefault(child => child.GetChildren().Any()) is { } nested)
        {
            throw Refusal($"{nested.Path}: a section, or a list, stands where a value belongs.");
        }

        foreach (var key in properties.Where(property => property.PropertyType == typeof(TimeSpan)).Select(property => property.Name))
        {
            if (section[key] is { Length: > 0 } text && WrittenTime.ProblemOf(text) is { } problem)
            {
                throw Refusal($"{section.Path}: {key} {problem}");
            }
        }

        try
        {
            bind(section, options);
        }
        catch (InvalidOperationException e)
        {
            throw Refusal($"{section.Path}: {e.Message}");
        }

        OptionsValidationException Refusal(string what) => new(name, typeof(TOptions), [what]);
    }

    private sealed record ConfiguredInCode(string Queue);

    private sealed class Validation<TOptions>(string optionsName, string section, Action<TOptions> check) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            if (name != optionsName)
            {
                return ValidateOptionsResult.Skip;
            }

            try
            {
                check(options);
                return ValidateOptionsResult.Success;
            }
            catch (ArgumentException e)
            {
                return ValidateOptionsResult.Fail($"{section}: {SentenceOf(e)}");
            }
        }

        /// <summary>Without the parameter's name and the second mention of its value, which .NET adds.</summary>
        private static string SentenceOf(ArgumentException e) => e.Message.Split($" (Parameter '{e.ParamName}')")[0];
    }
}
