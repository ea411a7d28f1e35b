using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>A property or field of an item, and how it is set again.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal sealed class ShapeMember
{
    public ShapeMember(MemberInfo info, string key, int index)
    {
        (Info, Key, Index) = (info, key, index);
        Field = info as FieldInfo;
        Type = Field?.FieldType ?? ((PropertyInfo)info).PropertyType;
        if (info is PropertyInfo property)
        {
            (Getter, Setter) = (GetterOf(property), Accessor(property, one => one.SetMethod));
        }
    }

    public MemberInfo Info { get; }

    public string Name => Info.Name;

    /// <summary>What it is called in a map.</summary>
    public string Key { get; }

    /// <summary>Where it is in an array.</summary>
    public int Index { get; }

    public Type Type { get; }

    public FieldInfo? Field { get; }

    public MethodInfo? Getter { get; }

    public MethodInfo? Setter { get; }

    /// <summary>What reads the property, also where a class overrides its setter alone.</summary>
    public static MethodInfo? GetterOf(PropertyInfo property) => Accessor(property, one => one.GetMethod);

    /// <summary>The type of its values: an <c>in</c> parameter is passed by its place.</summary>
    public static Type TypeOf(ParameterInfo parameter) => parameter is { IsIn: true, ParameterType.IsByRef: true } ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;

    /// <summary>The constructor's parameter that sets it, if one does.</summary>
    public ParameterInfo? Parameter { get; set; }

    public bool IsWritten => Field is not null || Getter is not null;

    public bool IsRead => Parameter is not null || Field is not null || Setter is not null;

    /// <summary>Whether an item cannot be without it, as its author said for every constructor.</summary>
    public bool IsDemanded => Info.GetCustomAttribute<System.Runtime.Serialization.DataMemberAttribute>(inherit: true)?.IsRequired == true;

    /// <summary>Whether an object cannot be without it.</summary>
    public bool IsRequired => Parameter is null ? Info.IsDefined(typeof(RequiredMemberAttribute)) : !Parameter.HasDefaultValue;

    /// <summary>Whether code that may throw sets it: not a field, nor the setter that the compiler makes.</summary>
    public bool IsSetByCode => Setter is { } setter && (setter.IsVirtual || !setter.IsDefined(typeof(CompilerGeneratedAttribute)));

    /// <summary>Set by who wants another form on the wire for this member alone.</summary>
    public MessagePackFormatterAttribute? OwnFormatter => Info.GetCustomAttribute<MessagePackFormatterAttribute>(inherit: true);

    /// <summary>A private one of a base class is seen only where it was declared; and who overrides one of the two has the other from his base class.</summary>
    private static MethodInfo? Accessor(PropertyInfo property, Func<PropertyInfo, MethodInfo?> which)
    {
        for (var own = property.DeclaringType; own is not null; own = own.BaseType)
        {
            var declared = own.GetProperty(property.Name, Shape.Declared, null, property.PropertyType, Type.EmptyTypes, null);
            if (declared is not null && (which(declared) is not null || !IsOverride((declared.GetMethod ?? declared.SetMethod)!)))
            {
                return which(declared);
            }
        }

        return null;
    }

    private static bool IsOverride(MethodInfo accessor) => accessor.GetBaseDefinition().DeclaringType != accessor.DeclaringType;
}
