using System.Diagnostics.CodeAnalysis;
using System.Runtime.Serialization;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>What .NET has and no item can be, and what to send instead. By name: nothing has to be loaded for it.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal static class Advice
{
    private const string Nothing = "it means nothing in another process. Send what it stands for: a name, a number, a record";
    private const string Task = "a task means nothing in another process. Await it, and send its result";
    private const string Text = "it cannot be made again. Send its text (ToString())";
    private const string Name = "it cannot be made again. Send its Name";
    private const string Stream = "a stream means nothing in another process. Send its bytes or its text, or the name of its file";
    private const string Set = "it cannot be made again. Send a HashSet";

    /// <summary>With all that is derived from them.</summary>
    private static readonly Dictionary<string, string> ByName = new()
    {
        ["System.Exception"] = "an exception does not arrive as it was. Send WorkerFailure.From(exception): its type, message and stack, and those of the ones inside",
        ["System.Delegate"] = Nothing,
        ["System.IntPtr"] = Nothing,
        ["System.UIntPtr"] = Nothing,
        ["System.Threading.CancellationToken"] = Nothing,
        ["System.Threading.CancellationTokenSource"] = Nothing,
        ["System.Threading.Tasks.Task"] = Task,
        ["System.Threading.Tasks.ValueTask"] = Task,
        ["System.Threading.Tasks.ValueTask`1"] = Task,
        ["System.IO.Stream"] = Stream,
        ["System.IO.TextReader"] = Stream,
        ["System.IO.TextWriter"] = Stream,
        ["System.IO.FileSystemInfo"] = "it cannot be made again. Send its FullName",
        ["System.IO.DriveInfo"] = Name,
        ["System.Text.Json.JsonElement"] = "it cannot be made again. Send its text (GetRawText())",
        ["System.Text.Json.JsonDocument"] = "it cannot be made again. Send its text (RootElement.GetRawText())",
        ["System.Text.Json.Nodes.JsonNode"] = "it cannot be made again. Send its text (ToJsonString())",
        ["System.Net.IPAddress"] = Text,
        ["System.Net.EndPoint"] = Text,
        ["System.Net.NetworkInformation.PhysicalAddress"] = Text,
        ["System.Text.RegularExpressions.Regex"] = Text,
        ["System.Globalization.CultureInfo"] = Name,
        ["System.Globalization.RegionInfo"] = Name,
        ["System.Drawing.Color"] = "it cannot be made again. Send its name, or ToArgb()",
        ["System.Text.Encoding"] = "it cannot be made again. Send its WebName",
        ["System.TimeZoneInfo"] = "it cannot be made again. Send its Id",
        ["System.Reflection.MemberInfo"] = "who reads it would load what another process names. Send its name, and look that up among those that you expect",
        ["System.Reflection.Assembly"] = "it cannot be made again. Send its FullName",
        ["System.Reflection.Module"] = Name,
        ["System.Collections.Frozen.FrozenDictionary`2"] = "it cannot be made again. Send a Dictionary",
        ["System.Collections.Frozen.FrozenSet`1"] = Set,
        ["System.Collections.ObjectModel.ReadOnlySet`1"] = Set,
        ["System.Collections.Generic.PriorityQueue`2"] = "it does not arrive as it was. Send an array of its UnorderedItems",
        ["System.Collections.Generic.IAsyncEnumerable`1"] = "its elements are not there yet. Send each as an item, or an array of all",
        ["System.Collections.Specialized.NameValueCollection"] = "it does not arrive as it was. Send a Dictionary",
        ["System.Collections.Concurrent.BlockingCollection`1"] = "a BlockingCollection does not arrive as it was. Send its ToArray()",
        ["System.DBNull"] = "there is one in each process, and another one would arrive. Send null",
        ["Microsoft.FSharp.Collections.FSharpList`1"] = "a list of F# cannot be made again. Send an array, or a Set",
        ["Microsoft.FSharp.Collections.FSharpMap`2"] = "a Map of F# cannot be made again. Send a dictionary (dict, or Dictionary)",
    };

    /// <summary>Null for what can be an item, as far as its name says.</summary>
    public static string? For(Type type)
    {
        for (var own = type; own is not null; own = own.BaseType)
        {
            if (ByName.TryGetValue((own.IsGenericType ? own.GetGenericTypeDefinition() : own).FullName ?? string.Empty, out var known))
            {
                return Refusal(type, known);
            }

            if (own.FullName is { } name && name.StartsWith("System.Xml.", StringComparison.Ordinal) && !own.IsEnum)
            {
                return Refusal(type, "XML does not arrive as it was. Send its text");
            }

            if (own.FullName?.StartsWith("System.Buffers.SearchValues", StringComparison.Ordinal) == true)
            {
                return Refusal(type, "it cannot be made again. Send the values");
            }
        }

        if (HasContract(type))
        {
            return null;
        }

        for (var own = type; own is not null; own = own.BaseType)
        {
            if (IsOfDotnet(own) && (typeof(IDisposable).IsAssignableFrom(own) || typeof(IAsyncDisposable).IsAssignableFrom(own)))
            {
                return Refusal(type, typeof(System.Collections.IEnumerable).IsAssignableFrom(own) ? "its elements are made when somebody goes through it. Send its ToArray()" : $"{(own == type ? "it" : Words.Of(own))} holds something of this process until its Dispose. Send a record of what another one needs to have its own");
            }
        }

        return null;
    }

    /// <summary>Classes of .NET that are equal to themselves alone are no values: what they are is not in the properties that could be set again.</summary>
    public static bool IsNoValue(Type type) => type.IsClass && IsOf(type, "System") && type.GetMethod(nameof(Equals), [typeof(object)])!.DeclaringType == typeof(object);

    /// <summary>Something outside of what .NET manages, in this process.</summary>
    public static bool HasPointer(Type type) => IsOfDotnet(type) && type.GetFields(Shape.Declared).Any(field => field.FieldType.IsPointer || field.FieldType == typeof(nint) || field.FieldType == typeof(nuint));

    public static bool IsOfDotnet(Type type) => IsOf(type, "System") || IsOf(type, "Microsoft");

    private static bool IsOf(Type type, string root) => type.Namespace is { } name && name.StartsWith(root, StringComparison.Ordinal) && (name.Length == root.Length || name[root.Length] == '.');

    /// <summary>Somebody has said what of it is data.</summary>
    private static bool HasContract(Type type) => type.IsDefined(typeof(MessagePackObjectAttribute), inherit: false) || type.IsDefined(typeof(DataContractAttribute), inherit: false);

    private static string Refusal(Type type, string why) => $"{Words.Of(type)} cannot be sent: {why}.";
}
