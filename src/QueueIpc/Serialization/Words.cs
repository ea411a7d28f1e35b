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

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{Of(value)}?";
        }

        var name = type.Name.Split('`')[0];
        return !type.IsGenericType ? name
            : name == nameof(ValueTuple) ? $"({string.Join(", ", type.GenericTypeArguments.Select(Of))})"
            : $"{name}<{string.Join(", ", type.GenericTypeArguments.Select(Of))}>";
    }
}
