using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

internal delegate void WriteMembers<T>(ref MessagePackWriter writer, T value, MessagePackSerializerOptions options);

/// <summary>Says in <paramref name="step"/> what is being done to the object: one of <see cref="ShapeStep"/>, or the place of the member whose setter is called.</summary>
internal delegate T ReadMembers<T>(ref MessagePackReader reader, int count, MessagePackSerializerOptions options, ref int step);

/// <summary>Makes the code that writes and reads the members of a shape: the same that one would write by hand, member after member. Which member is where, and what is missing, is said by <see cref="ShapeParts"/>.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal static class ShapeCode
{
    private const BindingFlags Methods = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance;

    private static readonly MethodInfo WriteNil = typeof(MessagePackWriter).GetMethod(nameof(MessagePackWriter.WriteNil))!;
    private static readonly MethodInfo Skip = typeof(MessagePackReader).GetMethod(nameof(MessagePackReader.Skip))!;

    /// <summary>What needs no formatter, and how it is read.</summary>
    private static readonly Dictionary<Type, MethodInfo> Plain = new()
    {
        [typeof(bool)] = Reader(nameof(MessagePackReader.ReadBoolean)),
        [typeof(sbyte)] = Integer(nameof(Integers.ReadSByte)),
        [typeof(byte)] = Integer(nameof(Integers.ReadByte)),
        [typeof(short)] = Integer(nameof(Integers.ReadInt16)),
        [typeof(ushort)] = Integer(nameof(Integers.ReadUInt16)),
        [typeof(int)] = Integer(nameof(Integers.ReadInt32)),
        [typeof(uint)] = Integer(nameof(Integers.ReadUInt32)),
        [typeof(long)] = Integer(nameof(Integers.ReadInt64)),
        [typeof(ulong)] = Integer(nameof(Integers.ReadUInt64)),
        [typeof(float)] = Reader(nameof(MessagePackReader.ReadSingle)),
        [typeof(double)] = Reader(nameof(MessagePackReader.ReadDouble)),
        [typeof(string)] = Reader(nameof(MessagePackReader.ReadString)),
        [typeof(DateTime)] = typeof(MessagePackReader).GetMethod(nameof(MessagePackReader.ReadDateTime), Type.EmptyTypes)!,
    };

    public static WriteMembers<T> Writer<T>(Shape shape, ShapeParts parts)
    {
        var method = new DynamicMethod($"Write {typeof(T)}", null, [typeof(ShapeParts), typeof(MessagePackWriter).MakeByRefType(), typeof(T), typeof(MessagePackSerializerOptions)], typeof(ShapeCode).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var length = shape.IsArray ? shape.Members.Where(member => member.IsWritten).Select(member => member.Index).DefaultIfEmpty(-1).Max() + 1 : shape.Members.Count(member => member.IsWritten);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldc_I4, length);
        il.Emit(OpCodes.Call, typeof(MessagePackWriter).GetMethod(shape.IsArray ? nameof(MessagePackWriter.WriteArrayHeader) : nameof(MessagePackWriter.WriteMapHeader), [typeof(int)])!);
        var index = 0;
        for (var at = 0; at < shape.Members.Count; at++)
        {
            var member = shape.Members[at];
            if (!member.IsWritten)
            {
                continue;
            }

            for (; shape.IsArray && index < member.Index; index++)
            {
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Call, WriteNil);
            }

            index++;
            if (!shape.IsArray)
            {
                il.Emit(OpCodes.Ldarg_1);
                Call(il, at, nameof(ShapeParts.WriteName));
            }

            WriteValue<T>(il, member, at);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<WriteMembers<T>>(parts);
    }

    public static ReadMembers<T> Reader<T>(Shape shape, ShapeParts parts)
    {
        var method = new DynamicMethod($"Read {typeof(T)}", typeof(T), [typeof(ShapeParts), typeof(MessagePackReader).MakeByRefType(), typeof(int), typeof(MessagePackSerializerOptions), typeof(int).MakeByRefType()], typeof(ShapeCode).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var slots = shape.Members.Select(member => member.IsRead ? new Slot(il.DeclareLocal(member.Type), il.DeclareLocal(typeof(bool)), il.DefineLabel()) : null).ToArray();
        ReadAll(il, shape, slots);
        var made = il.DeclareLocal(typeof(T));
        Construct<T>(il, shape, slots, made);
        for (var at = 0; at < slots.Length; at++)
        {
            if (slots[at] is { } slot && shape.Members[at].Parameter is null)
            {
                SetMember<T>(il, shape, at, slot, made);
            }
        }

        il.Emit(OpCodes.Ldloc, made);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<ReadMembers<T>>(parts);
    }

    private static void WriteValue<T>(ILGenerator il, ShapeMember member, int at)
    {
        var isPlain = IsPlain(member);
        if (!isPlain)
        {
            LoadFormatter(il, member, at);
        }

        il.Emit(OpCodes.Ldarg_1);
        il.Emit(typeof(T).IsValueType ? OpCodes.Ldarga_S : OpCodes.Ldarg_S, (byte)2);
        if (member.Field is { } field)
        {
            il.Emit(OpCodes.Ldfld, field);
        }
        else
        {
            il.Emit(typeof(T).IsValueType ? OpCodes.Call : OpCodes.Callvirt, member.Getter!);
        }

        if (isPlain)
        {
            il.Emit(OpCodes.Call, typeof(MessagePackWriter).GetMethod(nameof(MessagePackWriter.Write), [member.Type])!);
            return;
        }

        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Callvirt, FormatterType(member).GetMethod(nameof(IMessagePackFormatter<>.Serialize))!);
    }

    /// <summary>Each name, or place, to its member's value; the others are skipped.</summary>
    private static void ReadAll(ILGenerator il, Shape shape, Slot?[] slots)
    {
        var (next, check, unknown, at) = (il.DefineLabel(), il.DefineLabel(), il.DefineLabel(), il.DeclareLocal(typeof(int)));
        var top = il.DefineLabel();
        il.Emit(OpCodes.Br, check);
        il.MarkLabel(top);
        if (shape.IsArray)
        {
            il.Emit(OpCodes.Ldloc, at);
        }
        else
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldloc, at);
            il.Emit(OpCodes.Call, typeof(ShapeParts).GetMethod(nameof(ShapeParts.ReadName))!);
        }

        var jumps = new Label[shape.IsArray ? shape.Members.Select(member => member.Index).DefaultIfEmpty(-1).Max() + 1 : slots.Length];
        Array.Fill(jumps, unknown);
        for (var i = 0; i < slots.Length; i++)
        {
            jumps[shape.IsArray ? shape.Members[i].Index : i] = slots[i]?.Arrives ?? unknown;
        }

        il.Emit(OpCodes.Switch, jumps);
        il.MarkLabel(unknown);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Call, Skip);
        il.Emit(OpCodes.Br, next);
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] is { } slot)
            {
                il.MarkLabel(slot.Arrives);
                ReadValue(il, shape.Members[i], i);
                il.Emit(OpCodes.Stloc, slot.Value);
                il.Emit(OpCodes.Ldc_I4_1);
                il.Emit(OpCodes.Stloc, slot.Came);
                il.Emit(OpCodes.Br, next);
            }
        }

        il.MarkLabel(next);
        il.Emit(OpCodes.Ldloc, at);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, at);
        il.MarkLabel(check);
        il.Emit(OpCodes.Ldloc, at);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Blt, top);
    }

    private static void ReadValue(ILGenerator il, ShapeMember member, int at)
    {
        if (IsPlain(member))
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Call, Plain[member.Type]);
            return;
        }

        LoadFormatter(il, member, at);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Callvirt, FormatterType(member).GetMethod(nameof(IMessagePackFormatter<>.Deserialize))!);
    }

    private static void Construct<T>(ILGenerator il, Shape shape, Slot?[] slots, LocalBuilder made)
    {
        if (shape.Constructor is not { } constructor)
        {
            return;
        }

        var (parameters, members) = (constructor.GetParameters(), shape.Members.ToList());
        var arguments = Array.ConvertAll(parameters, parameter => il.DeclareLocal(ShapeMember.TypeOf(parameter)));
        foreach (var (parameter, argument) in parameters.Zip(arguments))
        {
            var at = members.FindIndex(member => member.Parameter?.Position == parameter.Position);
            if (at < 0)
            {
                TakeDefault(il, parameter, argument);
                continue;
            }

            var (came, done) = (il.DefineLabel(), il.DefineLabel());
            il.Emit(OpCodes.Ldloc, slots[at]!.Came);
            il.Emit(OpCodes.Brtrue, came);
            if (parameter.HasDefaultValue && !shape.Members[at].IsDemanded)
            {
                TakeDefault(il, parameter, argument);
                il.Emit(OpCodes.Br, done);
            }
            else
            {
                Call(il, at, nameof(ShapeParts.ThrowMissing));
            }

            il.MarkLabel(came);
            il.Emit(OpCodes.Ldloc, slots[at]!.Value);
            Convert(il, shape.Members[at].Type, argument.LocalType);
            il.Emit(OpCodes.Stloc, argument);
            il.MarkLabel(done);
        }

        Note(il, ShapeStep.Making);
        foreach (var (parameter, argument) in parameters.Zip(arguments))
        {
            il.Emit(parameter.ParameterType.IsByRef ? OpCodes.Ldloca : OpCodes.Ldloc, argument);
        }

        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Stloc, made);
    }

    private static void TakeDefault(ILGenerator il, ParameterInfo parameter, LocalBuilder argument)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, parameter.Position);
        il.Emit(OpCodes.Call, typeof(ShapeParts).GetMethod(nameof(ShapeParts.Default))!.MakeGenericMethod(argument.LocalType));
        il.Emit(OpCodes.Stloc, argument);
    }

    /// <summary>What is on the stack, to what it can be assigned to: as the compiler would.</summary>
    private static void Convert(ILGenerator il, Type from, Type to)
    {
        if (Nullable.GetUnderlyingType(to) == from)
        {
            il.Emit(OpCodes.Newobj, to.GetConstructor([from])!);
        }
        else if (from.IsValueType && !to.IsValueType)
        {
            il.Emit(OpCodes.Box, from);
        }
    }

    private static void SetMember<T>(ILGenerator il, Shape shape, int at, Slot slot, LocalBuilder made)
    {
        var (member, came, done) = (shape.Members[at], il.DefineLabel(), il.DefineLabel());
        il.Emit(OpCodes.Ldloc, slot.Came);
        il.Emit(OpCodes.Brtrue, came);
        if (member.IsDemanded || (member.IsRequired && shape.Constructor?.IsDefined(typeof(SetsRequiredMembersAttribute)) != true))
        {
            Call(il, at, nameof(ShapeParts.ThrowMissing));
        }

        il.Emit(OpCodes.Br, done);
        il.MarkLabel(came);
        if (member.IsSetByCode)
        {
            Note(il, at);
        }

        il.Emit(typeof(T).IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, made);
        il.Emit(OpCodes.Ldloc, slot.Value);
        if (member.Field is { } field)
        {
            il.Emit(OpCodes.Stfld, field);
        }
        else
        {
            il.Emit(typeof(T).IsValueType ? OpCodes.Call : OpCodes.Callvirt, member.Setter!);
        }

        il.MarkLabel(done);
    }

    private static void Note(ILGenerator il, int step)
    {
        il.Emit(OpCodes.Ldarg_S, (byte)4);
        il.Emit(OpCodes.Ldc_I4, step);
        il.Emit(OpCodes.Stind_I4);
    }

    private static void LoadFormatter(ILGenerator il, ShapeMember member, int at)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, at);
        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Call, typeof(ShapeParts).GetMethod(nameof(ShapeParts.Formatter))!.MakeGenericMethod(member.Type));
    }

    private static void Call(ILGenerator il, int at, string method)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, at);
        il.Emit(OpCodes.Call, typeof(ShapeParts).GetMethod(method)!);
    }

    private static bool IsPlain(ShapeMember member) => Plain.ContainsKey(member.Type) && member.OwnFormatter is null;

    private static Type FormatterType(ShapeMember member) => typeof(IMessagePackFormatter<>).MakeGenericType(member.Type);

    private static MethodInfo Reader(string name) => typeof(MessagePackReader).GetMethod(name, Type.EmptyTypes)!;

    private static MethodInfo Integer(string name) => typeof(Integers).GetMethod(name, Methods)!;

    /// <summary>A member's value while the others are read, and whether it has come.</summary>
    private sealed record Slot(LocalBuilder Value, LocalBuilder Came, Label Arrives);
}
