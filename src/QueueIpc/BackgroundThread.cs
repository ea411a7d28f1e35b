namespace QueueIpc;

internal static class BackgroundThread
{
    /// <summary>Enough for our own shallow loops; a thousand connections must not reserve a gigabyte.</summary>
    private const int StackBytes = 256 * 1024;

    /// <summary>Starts a thread that does not keep the process alive.</summary>
    public static Thread Start(string name, Action body)
    {
        var thread = new Thread(() => body(), StackBytes) { IsBackground = true, Name = name };
        thread.UnsafeStart();
        return thread;
    }
}
