using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using QueueIpc.Serialization;

namespace QueueIpc.Workers;

/// <summary>What a worker is to do: a method and its arguments, as they travel to the child.</summary>
internal sealed record WorkerJob(string DeclaringType, Guid Module, string Method, string[] TypeArguments, byte[][] Arguments)
{
    private const string KeptByParent = "The parent is this same program, and has made a delegate of the method: so it is there.";
    private const string UnusedFields = "A field that nobody uses holds nothing that the child would miss.";
    private const BindingFlags AnyMethod = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static WorkerJob Of(Delegate target, object?[] arguments)
    {
        ArgumentNullException.ThrowIfNull(target);
        var method = target.Method;
        if (target.GetInvocationList().Length > 1)
        {
            throw new ArgumentException("The target is several methods combined; give one static method or local function.", nameof(target));
        }

        if (method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute)))
        {
            throw new ArgumentException($"The target '{method.Name}' is 'async void': nobody could wait for its end. Let it return a Task.", nameof(target));
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

        if (!ThisProgram.HasToo(method.Module.Assembly))
        {
            throw new ArgumentException(
                $"The target '{method.Name}' is in '{method.Module.Assembly.GetName().Name}', which was loaded as a plugin: a child process of this program would not find it. " +
                "Give a method of the program, or of an assembly that it references.", nameof(target));
        }

        if (method.IsGenericMethod && !Reflection.IsComplete)
        {
            throw new ArgumentException($"The target '{method.Name}' is generic, which a trimmed or Native AOT program cannot start again. Give a method that is not.", nameof(target));
        }

        var parameters = method.GetParameters();
        return new WorkerJob(
            typeName,
            method.Module.ModuleVersionId,
            MarkOf(method),
            [.. method.GetGenericArguments().Select(type => type.AssemblyQualifiedName!)],
            [.. arguments.Select((argument, i) => Pack(parameters[^(arguments.Length - i)], argument))]);
    }

    public byte[] ToBytes()
    {
        var bytes = new MemoryStream();
        using (var to = new BinaryWriter(bytes, Encoding.UTF8))
        {
            to.Write(DeclaringType);
            to.Write(Module.ToByteArray());
            to.Write(Method);
            to.Write(TypeArguments.Length);
            Array.ForEach(TypeArguments, to.Write);
            to.Write(Arguments.Length);
            foreach (var argument in Arguments)
            {
                to.Write(argument.Length);
                to.Write(argument);
            }
        }

        return bytes.ToArray();
    }

    public static WorkerJob FromBytes(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var (declaringType, module, method) = (from.ReadString(), new Guid(from.ReadBytes(16)), from.ReadString());
        var typeArguments = new string[from.ReadInt32()];
        for (var i = 0; i < typeArguments.Length; i++)
        {
            typeArguments[i] = from.ReadString();
        }

        var arguments = new byte[from.ReadInt32()][];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = from.ReadBytes(from.ReadInt32());
        }

        return new WorkerJob(declaringType, module, method, typeArguments, arguments);
    }

    /// <summary>In the child: runs the method, waits for it if it is asynchronous, and answers its exit code.</summary>
    public int Run()
    {
        var method = FindMethod();
        var parameters = method.GetParameters();
        var arguments = new object?[parameters.Length];
        for (var i = 0; i < Arguments.Length; i++)
        {
            var at = parameters.Length - Arguments.Length + i;
            arguments[at] = WorkerArgument.Unpack(parameters[at].ParameterType, Arguments[i]);
        }

        return ExitCodeOf(method.Invoke(InstanceFor(method), BindingFlags.DoNotWrapExceptions, null, arguments, null));
    }

    /// <summary>In the child: the method, for someone who has its arguments himself.</summary>
    public TDelegate ToDelegate<TDelegate>()
        where TDelegate : Delegate
    {
        var method = FindMethod();
        return method.CreateDelegate<TDelegate>(InstanceFor(method));
    }

    [UnconditionalSuppressMessage("Trimming", "IL2057", Justification = KeptByParent)]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = KeptByParent)]
    private MethodInfo FindMethod()
    {
        var type = Type.GetType(DeclaringType, throwOnError: true)!;
        if (type.Module.ModuleVersionId != Module)
        {
            throw new InvalidOperationException($"'{type.Assembly.GetName().Name}' was built anew since the parent process started; restart the parent.");
        }

        var method = Array.Find(type.GetMethods(AnyMethod), method => MarkOf(method) == Method) ?? throw new MissingMethodException(type.FullName, Method);
        return Reflection.IsComplete ? WithTypeArguments(method) : method;
    }

    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    private MethodInfo WithTypeArguments(MethodInfo method) => TypeArguments.Length == 0
        ? method
        : method.MakeGenericMethod([.. TypeArguments.Select(name => Type.GetType(name, throwOnError: true)!)]);

    /// <summary>A lambda that captures nothing is an instance method of an empty class.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = KeptByParent)]
    private static object? InstanceFor(MethodInfo method) => method.IsStatic ? null : RuntimeHelpers.GetUninitializedObject(method.DeclaringType!);

    /// <summary>What tells it from the other methods of its type, in this build. Native AOT has no tokens, but still the names.</summary>
    private static string MarkOf(MethodInfo method) => Reflection.IsComplete ? $"{method.MetadataToken:x8}" : method.ToString()!;

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
                return Environment.ExitCode;
            default:
                return Environment.ExitCode;
        }
    }

    private static byte[] Pack(ParameterInfo parameter, object? argument)
    {
        try
        {
            return WorkerArgument.Pack(parameter.ParameterType, argument);
        }
        catch (Exception e)
        {
            throw new ArgumentException($"The argument '{parameter.Name}' of type {parameter.ParameterType} cannot be sent to a child process: {e.Message}", parameter.Name, e);
        }
    }

    private static bool IsCompilerGenerated(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = UnusedFields)]
    private static bool HasState(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length > 0;

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = UnusedFields)]
    private static string Describe(Type type) => IsCompilerGenerated(type)
        ? $"captured: {string.Join(", ", type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(field => field.Name))}"
        : $"an instance of {type}";
}
