namespace QueueIpc.Serialization;

/// <summary>Types as C# writes them.</summary>
internal static class Words
{
    private static readonly Dictionary<Type, string> Short = new()
    {
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(short)] = "short",
        [typeof(sbyte)] = "sbyte",
        [typeof(byte)] = "byte",
        [typeof(ushort)] = "ushort",
        [typeof(uint)] = "uint",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    public static string Of(Type type)
    {
        if (Short.TryGetValue(type, out var known))
        {
            return known;
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (type.IsPointer)
        {
            return $"{Of(type.GetElementType()!)}*";
        }

        if (type.IsFunctionPointer)
        {
            return "pointer to a function";
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{Of(value)}?";
        }

        var name = type.Name.Split('`')[0];
        return !type.IsGenericType ? name
            : name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal) ? $"anonymous type of ({string.Join(", ", type.GenericTypeArguments.Select(Of))})"
            : name == nameof(ValueTuple) ? $"({string.Join(", ", Flat(type).Select(Of))})"
            : $"{name}<{string.Join(", ", type.GenericTypeArguments.Select(Of))}>";
    }

    /// <summary>From the eighth on the elements of a tuple are those of another one inside.</summary>
    private static IEnumerable<Type> Flat(Type tuple) =>
        tuple.GenericTypeArguments is [.. var seven, { IsGenericType: true } rest] && seven.Length == 7 && rest.Name.StartsWith(nameof(ValueTuple), StringComparison.Ordinal) ? seven.Concat(Flat(rest)) : tuple.GenericTypeArguments;
}
