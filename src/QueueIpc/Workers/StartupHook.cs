using QueueIpc.Workers;

/// <summary>.NET calls this in every child before Main, see DOTNET_STARTUP_HOOKS; the name and the missing namespace are what it looks for.</summary>
internal static class StartupHook
{
    public static void Initialize() => ChildMain.RunIfChild();
}
