/// <summary>
/// Another startup hook of the program, which says something first: a test puts this assembly into DOTNET_STARTUP_HOOKS. The name and the missing namespace
/// are what .NET looks for.
/// </summary>
internal static class StartupHook
{
    public const string Words = "QUEUEIPC_TESTS_HOOK_SAYS";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Words) is { } words)
        {
            Console.WriteLine(words);
        }
    }
}
