using System.Reflection;
using System.Runtime.CompilerServices;
using MessagePack;
using MessagePack.Resolvers;
using QueueIpc.Serialization;

namespace QueueIpc.Workers;

/// <summary>What a worker is to do: a method and its arguments, as they travel to the child.</summary>
internal sealed record WorkerJob(string DeclaringType, Guid Module, int MethodToken, string[] TypeArguments, byte[][] Arguments)
{
    /// <summary>Our own messages: by position, no attributes needed on constructors.</summary>
    private static readonly MessagePackSerializerOptions Options =
        MessagePackSerializerOptions.Standard.WithResolver(ContractlessStandardResolverAllowPrivate.Instance);

    public static WorkerJob Of(Delegate target, object?[] arguments)
    {
        ArgumentNullException.ThrowIfNull(target);
        var method = target.Method;
        if (target.GetInvocationList().Length > 1)
        {
            throw new ArgumentException("The target is several methods combined; give one static method or local function.", nameof(target));
        }

        if (target.Target is { } closure && (!IsCompilerGenerated(closure.GetType()) || HasState(closure.GetType())))
        {
            throw new ArgumentException(
                $"The target '{method.Name}' uses something from around it ({Describe(closure.GetType())}), which does not exist in the child process. " +
                "Give a static method or local function, and pass what it needs as arguments.", nameof(target));
        }

        if (method.DeclaringType is not { AssemblyQualifiedName: { } typeName } || method.Module.Assembly.IsDynamic)
        {
            throw new ArgumentException($"The target '{method.Name}' was made at run time, and does not exist in the child process. Give a static method or local function.", nameof(target));
        }

        var parameters = method.GetParameters();
        return new WorkerJob(
            typeName,
            method.Module.ModuleVersionId,
            method.MetadataToken,
            [.. method.GetGenericArguments().Select(type => type.AssemblyQualifiedName!)],
            [.. arguments.Select((argument, i) => Pack(parameters[^(arguments.Length - i)], argument))]);
    }

    public byte[] ToBytes() => MessagePackSerializer.Serialize(this, Options);

    public static WorkerJob FromBytes(byte[] bytes) => MessagePackSerializer.Deserialize<WorkerJob>(bytes, Options);

    /// <summary>In the child: runs the method, waits for it if it is asynchronous, and answers its exit code.</summary>
    public int Run()
    {
        var type = Type.GetType(DeclaringType, throwOnError: true)!;
        if (type.Module.ModuleVersionId != Module)
        {
            throw new InvalidOperationException($"'{type.Module.Name}' was built anew since the parent process started; restart the parent.");
        }

        var method = (MethodInfo)type.Module.ResolveMethod(MethodToken, type.IsGenericType ? type.GetGenericArguments() : null, null)!;
        if (type.IsGenericType)
        {
            method = (MethodInfo)MethodBase.GetMethodFromHandle(method.MethodHandle, type.TypeHandle)!;
        }

        if (TypeArguments.Length > 0)
        {
            method = method.MakeGenericMethod([.. TypeArguments.Select(name => Type.GetType(name, throwOnError: true)!)]);
        }

        var parameters = method.GetParameters();
        var arguments = new object?[parameters.Length];
        for (var i = 0; i < Arguments.Length; i++)
        {
            var at = parameters.Length - Arguments.Length + i;
            arguments[at] = MessagePackItemSerializer.Deserialize(parameters[at].ParameterType, Arguments[i]);
        }

        // A lambda that captures nothing is an instance method of an empty class.
        var instance = method.IsStatic ? null : RuntimeHelpers.GetUninitializedObject(type);
        return ExitCodeOf(method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, arguments, null));
    }

    private static int ExitCodeOf(object? result)
    {
        switch (result)
        {
            case int code:
                return code;
            case Task<int> task:
                return task.GetAwaiter().GetResult();
            case Task task:
                task.GetAwaiter().GetResult();
                return 0;
            default:
                return 0;
        }
    }

    private static byte[] Pack(ParameterInfo parameter, object? argument)
    {
        try
        {
            return MessagePackItemSerializer.Serialize(parameter.ParameterType, argument);
        }
        catch (Exception e)
        {
            throw new ArgumentException($"The argument '{parameter.Name}' of type {parameter.ParameterType} cannot be sent to a child process: {e.Message}", parameter.Name, e);
        }
    }

    private static bool IsCompilerGenerated(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static bool HasState(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length > 0;

    private static string Describe(Type type) => IsCompilerGenerated(type)
        ? $"captured: {string.Join(", ", type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(field => field.Name))}"
        : $"an instance of {type}";
}
