using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;
using QueueIpc.Workers;

namespace QueueIpc.Tests.Processes;

/// <summary>A child is the program, without what it has loaded as a plugin: a worker cannot be that, and is told so before anything is started.</summary>
public sealed class PluginTests
{
    [Fact]
    public void Start_MethodOfAPlugin_IsRefusedInWords()
    {
        var work = MakePlugin().GetType("Plugin")!.GetMethod("Work")!.CreateDelegate<Action>();

        var e = Assert.Throws<ArgumentException>(() => WorkerProcess.Start(work));

        Assert.Contains("in 'APlugin', which was loaded as a plugin", e.Message);
    }

    [Fact]
    public void HasToo_AssemblyOfAPluginThatTheProgramReferencesToo_IsTrue()
    {
        var copy = new AssemblyLoadContext("copy").LoadFromAssemblyPath(typeof(WorkerProcess).Assembly.Location);

        Assert.True(ThisProgram.HasToo(copy));
        Assert.True(ThisProgram.HasToo(typeof(WorkerProcess).Assembly));
        Assert.False(ThisProgram.HasToo(MakePlugin()));
    }

    private static Assembly MakePlugin()
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("APlugin"), typeof(object).Assembly);
        var type = assembly.DefineDynamicModule("APlugin").DefineType("Plugin", TypeAttributes.Public);
        type.DefineMethod("Work", MethodAttributes.Public | MethodAttributes.Static, typeof(void), []).GetILGenerator().Emit(OpCodes.Ret);
        type.CreateType();
        var image = new MemoryStream();
        assembly.Save(image);
        image.Position = 0;
        return new AssemblyLoadContext("plugin").LoadFromStream(image);
    }
}
