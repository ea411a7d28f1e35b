namespace QueueIpc.Tests.Support;

/// <summary>The two times that tests know.</summary>
internal static class Times
{
    /// <summary>"At once", and "should not happen within".</summary>
    public static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

    /// <summary>No test waits longer for anything: beyond it something hangs.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
}
