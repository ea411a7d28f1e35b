using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace QueueIpc.Serialization;

/// <summary>The keys of a dictionary, set or lookup, and what there is to look at in them: found once for a type.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal sealed class KeysOf
{
    private static readonly ConcurrentDictionary<Type, KeysOf?> Known = new();

    private readonly Type _type;
    private readonly Func<object, IEnumerable> _keysOf;
    private readonly Func<object, string?> _check;
    private readonly bool _isObject;
    private readonly Func<object, bool>? _areTextsWhole;

    private KeysOf(Type type, Type key, Func<object, string?> check) => (_type, _keysOf, _check, _isObject, _areTextsWhole) = (type, Find(type), check, key == typeof(object), TextsOf(type));

    /// <summary>Null when there is nothing to look at.</summary>
    public static KeysOf? In(Type type) => Known.GetOrAdd(type, static type => ItemShape.KeyOf(type) is { } key && KeyCheck.Of(key) is { } check ? new KeysOf(type, key, check) : null);

    /// <exception cref="MessagePack.MessagePackSerializationException">A key would arrive as something else, or two as the same.</exception>
    public void Check(object value)
    {
        if (_areTextsWhole?.Invoke(value) == true)
        {
            return;
        }

        var seen = _isObject ? new HashSet<object>() : null;
        foreach (var key in _keysOf(value))
        {
            if (key is null)
            {
                continue;
            }

            if (_check(key) is { } problem)
            {
                throw new MessagePack.MessagePackSerializationException($"{Words.Of(_type)}: {problem}");
            }

            if (seen?.Add(KeyCheck.AsItArrives(key)!) == false)
            {
                throw new MessagePack.MessagePackSerializationException($"{Words.Of(_type)}: two keys of different types would arrive as the same, {key}. Give the keys one type.");
            }
        }
    }

    /// <summary>Nearly all keys are texts in a Dictionary, and whole.</summary>
    private static bool AreWhole<TValue>(object value)
    {
        foreach (var (key, _) in (Dictionary<string, TValue>)value)
        {
            if (KeyCheck.HasHalfOfAPair(key))
            {
                return false;
            }
        }

        return true;
    }

    private static Func<object, bool>? TextsOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>) && type.GenericTypeArguments[0] == typeof(string)
        ? typeof(KeysOf).GetMethod(nameof(AreWhole), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type.GenericTypeArguments[1]).CreateDelegate<Func<object, bool>>() : null;

    private static Func<object, IEnumerable> Find(Type type)
    {
        if (typeof(IDictionary).IsAssignableFrom(type))
        {
            return static value => ((IDictionary)value).Keys;
        }

        if (ItemShape.ArgumentsOf(type, typeof(ILookup<,>)) is { } of)
        {
            var key = typeof(IGrouping<,>).MakeGenericType(of).GetProperty("Key")!;
            return value => ((IEnumerable)value).Cast<object>().Select(key.GetValue);
        }

        var keys = type.GetInterfaces().Append(type).Select(one => one.GetProperty("Keys")).FirstOrDefault(keys => keys is not null);
        return value => (IEnumerable)(keys is null ? value : keys.GetValue(value)!);
    }
}
