using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>
/// What of a class or struct is on the wire, and how an object is made of it again. Without attributes: the public properties that can be set again (by a setter, or a
/// constructor's parameter of that name) and the public fields. With [MessagePackObject] or [DataContract]: what has a [Key] or [DataMember], public or not.
/// </summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal sealed class Shape
{
    public const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private Shape(Type type, bool isArray, IReadOnlyList<ShapeMember> members, ConstructorInfo? constructor) =>
        (Type, IsArray, Members, Constructor) = (type, isArray, members, constructor);

    public Type Type { get; }

    /// <summary>An array by the numbers of [Key(n)], instead of a map by names.</summary>
    public bool IsArray { get; }

    /// <summary>In the order in which they are written.</summary>
    public IReadOnlyList<ShapeMember> Members { get; }

    /// <summary>Null for a struct that needs none.</summary>
    public ConstructorInfo? Constructor { get; }

    /// <exception cref="MessagePackSerializationException">Nobody could make such an object again.</exception>
    public static Shape Of(Type type)
    {
        if (type.IsInterface || type.IsAbstract)
        {
            throw Refused(type, Advice.IsOfDotnet(type)
                ? "it is abstract, and nothing says what it stands for. Send its text, an array or dictionary of what it holds, or a record of that"
                : "it is abstract, and nothing says which classes it stands for. Give it [Union] attributes, or send one class");
        }

        if (Advice.HasPointer(type))
        {
            throw Refused(type, "it means nothing in another process. Send what it stands for: a name, a number, a record");
        }

        if (Advice.IsNoValue(type))
        {
            throw Refused(type, "it is a class of .NET that is equal to itself alone, so it is no value. Send a record of what you need of it");
        }

        var (isArray, all) = MembersOf(type);
        if (!TryChoose(type, isArray, all, out var constructor))
        {
            throw Refused(type, "it has no constructor that can be called again: one without parameters, or one whose parameters have the names and types of its public properties. Send a record of what it holds");
        }

        var members = all.Where(member => member.IsRead || IsExplicit(member.Info)).ToList();
        if (members.Find(member => MeansNothing(member.Type)) is { } pointing)
        {
            throw Refused(type, $"its '{pointing.Name}' is of type {Words.Of(pointing.Type)}, which means nothing in another process. Give it [IgnoreMember], and send what it points to");
        }

        if (members.Count == 0 && (HasState(type) || typeof(System.Collections.IEnumerable).IsAssignableFrom(type)))
        {
            throw Refused(type, "nothing of it could be set again: it has no public property with a setter or with a constructor's parameter of its name, and no public field. Send a record of what it holds");
        }

        return new Shape(type, isArray, isArray ? [.. members.OrderBy(member => member.Index)] : [.. members.OrderBy(OrderOf)], constructor);
    }

    public static MessagePackSerializationException Refused(Type type, string why) => new($"{Words.Of(type)} cannot be sent: {why}.");

    /// <summary>Places in memory; a formatter for such a type cannot even be made.</summary>
    private static bool MeansNothing(Type type) => type.IsPointer || type.IsFunctionPointer || type.IsByRefLike || (type.IsArray && MeansNothing(type.GetElementType()!));

    private static bool IsExplicit(MemberInfo info) => info.IsDefined(typeof(KeyAttribute), inherit: true) || info.IsDefined(typeof(DataMemberAttribute), inherit: true);

    private static int OrderOf(ShapeMember member) => member.Info.GetCustomAttribute<DataMemberAttribute>(inherit: true)?.Order ?? int.MaxValue;

    private static bool HasState(Type type)
    {
        for (var own = type; own is not null && own != typeof(object) && own != typeof(ValueType); own = own.BaseType)
        {
            if (own.GetFields(Declared).Length > 0)
            {
                return true;
            }
        }

        return false;
    }

    private static (bool IsArray, List<ShapeMember> Members) MembersOf(Type type)
    {
        var contract = type.GetCustomAttribute<MessagePackObjectAttribute>(inherit: true);
        return contract is { KeyAsPropertyName: false } ? ByAttribute(type, KeyOf)
            : contract is null && type.IsDefined(typeof(DataContractAttribute), inherit: false) ? ByAttribute(type, DataMemberKeyOf)
            : (false, ByName(type));
    }

    /// <summary>Base classes first, properties before fields. A second member of one name is called by its class as well.</summary>
    private static List<ShapeMember> ByName(Type type)
    {
        var members = new List<ShapeMember>();
        var found = type.GetRuntimeProperties().Where(IsPublic).Concat<MemberInfo>(type.GetRuntimeFields().Where(field => field is { IsPublic: true, IsStatic: false }))
            .Where(info => !IsIgnored(info)).OrderBy(info => Depth(info.DeclaringType!));
        foreach (var one in found.GroupBy(info => info.Name))
        {
            members.AddRange(one.Select((info, at) => new ShapeMember(info, at == 0 ? info.Name : $"{info.DeclaringType!.FullName}.{info.Name}", 0)));
        }

        return members;
    }

    private static (bool IsArray, List<ShapeMember> Members) ByAttribute(Type type, Func<Type, MemberInfo, KeyAttribute?> keyOf)
    {
        var members = new List<ShapeMember>();
        bool? isArray = null;
        foreach (var info in Lineage(type).SelectMany(one => one.GetProperties(Declared)).Concat<MemberInfo>(Lineage(type).SelectMany(one => one.GetFields(Declared))).Where(info => !IsIgnored(info)))
        {
            if (keyOf(type, info) is not { } key)
            {
                continue;
            }

            if (key.IntKey < 0)
            {
                throw Refused(type, $"'{info.Name}' has the key {key.IntKey}, and the first is 0");
            }

            if ((isArray ??= key.IntKey is not null) != key.IntKey is not null)
            {
                throw Refused(type, $"some of its keys are numbers and others are text ('{info.Name}')");
            }

            var member = new ShapeMember(info, key.StringKey ?? info.Name, key.IntKey ?? 0);
            var same = members.FindIndex(other => isArray.Value ? other.Index == member.Index : other.Key == member.Key);
            if (same < 0)
            {
                members.Add(member);
            }
            else if (members[same].Getter is not { IsVirtual: true } && members[same].Setter is not { IsVirtual: true })
            {
                throw Refused(type, $"'{members[same].Name}' and '{info.Name}' have one key");
            }
        }

        return (isArray ?? true, members);
    }

    private static KeyAttribute? KeyOf(Type type, MemberInfo info)
    {
        var key = info.GetCustomAttribute<KeyAttribute>(inherit: true);
        if (key is null && (info is PropertyInfo property ? IsPublic(property) || property is { SetMethod: { IsPublic: true, IsStatic: false } } : info is FieldInfo { IsPublic: true, IsStatic: false }))
        {
            throw Refused(type, $"'{info.Name}' has neither [Key] nor [IgnoreMember]");
        }

        return key;
    }

    private static KeyAttribute? DataMemberKeyOf(Type type, MemberInfo info) =>
        info.GetCustomAttribute<DataMemberAttribute>(inherit: true) is not { } member ? null
        : member.Order != -1 ? new KeyAttribute(member.Order)
        : new KeyAttribute(member.Name ?? info.Name);

    private static bool IsPublic(PropertyInfo property) => ShapeMember.GetterOf(property) is { IsPublic: true, IsStatic: false } getter && !getter.ReturnType.IsByRef && property.GetIndexParameters().Length == 0;

    private static bool IsIgnored(MemberInfo info) =>
        info.IsDefined(typeof(IgnoreMemberAttribute), inherit: true) || info.IsDefined(typeof(IgnoreDataMemberAttribute), inherit: true) || info.IsDefined(typeof(NonSerializedAttribute), inherit: true)
        || (info is FieldInfo && info.IsDefined(typeof(CompilerGeneratedAttribute), inherit: true));

    private static IEnumerable<Type> Lineage(Type type) => type.BaseType is { } inherited ? [.. Lineage(inherited), type] : [type];

    private static int Depth(Type type) => type.BaseType is { } inherited ? Depth(inherited) + 1 : 0;

    /// <summary>
    /// The one with [SerializationConstructor]; else the one without which fewest members are lost, public ones first, then the one that sets most. What is no member's name must be optional.
    /// When all that it sets could be set without it, a public one that sets nothing goes before it: it was made for this. A struct can do without.
    /// </summary>
    private static bool TryChoose(Type type, bool isArray, List<ShapeMember> members, out ConstructorInfo? chosen)
    {
        var all = type.GetConstructors(Declared);
        var marked = all.Where(one => one.IsDefined(typeof(SerializationConstructorAttribute), inherit: false)).ToArray();
        var lost = members.Where(member => member is { Getter: not null, Setter: null }).ToArray();
        var usable = (marked.Length > 0 ? marked : all).Select(one => (Constructor: one, Sets: Match(one, isArray, members))).Where(one => one.Sets is not null)
            .OrderBy(one => lost.Count(member => !one.Sets!.Exists(set => set.Member == member))).ThenByDescending(one => one.Constructor.IsPublic)
            .ThenByDescending(one => one.Sets!.Count).ThenBy(one => one.Constructor.GetParameters().Length).ToList();
        if (usable.Count == 0)
        {
            chosen = null;
            return type.IsValueType && marked.Length == 0;
        }

        var best = usable[0].Sets!.TrueForAll(set => set.Member.Field is not null || set.Member.Setter is not null)
            ? usable.Find(one => one.Constructor.IsPublic && one.Sets!.Count == 0) is { Constructor: not null } empty ? empty : usable[0]
            : usable[0];
        foreach (var (member, parameter) in best.Sets!)
        {
            member.Parameter = parameter;
        }

        chosen = best.Constructor;
        return true;
    }

    /// <summary>Which member each parameter sets; null when one that is not optional sets none. Numbered members are parameters in their order, named ones have their names.</summary>
    private static List<(ShapeMember Member, ParameterInfo Parameter)>? Match(ConstructorInfo constructor, bool isArray, List<ShapeMember> members)
    {
        var free = isArray ? members.OrderBy(member => member.Index).ToList() : [.. members];
        var set = new List<(ShapeMember Member, ParameterInfo Parameter)>();
        var parameters = constructor.GetParameters();
        if (isArray)
        {
            set.AddRange(parameters.Zip(free, (parameter, member) => (member, parameter)));
        }
        else
        {
            // The very name first: it must not be gone when its turn comes.
            Take(StringComparison.Ordinal, member => member.Key);
            Take(StringComparison.OrdinalIgnoreCase, member => member.Key);
            Take(StringComparison.OrdinalIgnoreCase, member => member.Name);
        }

        return set.TrueForAll(one => one.Member.IsWritten && ShapeMember.TypeOf(one.Parameter).IsAssignableFrom(one.Member.Type)) && parameters.All(parameter => parameter.HasDefaultValue || IsTaken(parameter)) ? set : null;

        bool IsTaken(ParameterInfo parameter) => set.Exists(one => one.Parameter == parameter);

        void Take(StringComparison how, Func<ShapeMember, string> of)
        {
            foreach (var parameter in parameters.Where(parameter => !IsTaken(parameter)))
            {
                if (free.Find(member => string.Equals(of(member), parameter.Name, how)) is { } member)
                {
                    free.Remove(member);
                    set.Add((member, parameter));
                }
            }
        }
    }
}
