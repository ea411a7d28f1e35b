namespace QueueIpc.Workers;

/// <summary>What a child process does instead of its Main.</summary>
internal static class ChildMain
{
    public const string WorkPrefix = "work:";
    public const string BrokerPrefix = "broker:";

    /// <summary>Returns if this process is no child of ours; else it ends here.</summary>
    public static void RunIfChild()
    {
        if (ThisProgram.TakeJob() is not { } job)
        {
            return;
        }

        var exitCode = job.StartsWith(WorkPrefix, StringComparison.Ordinal) ? WorkerMain.Run(job[WorkPrefix.Length..])
            : job.StartsWith(BrokerPrefix, StringComparison.Ordinal) ? BrokerMain.Run(job[BrokerPrefix.Length..])
            : UnknownJob(job);
        Environment.Exit(exitCode);
    }

    private static int UnknownJob(string job)
    {
        Console.Error.WriteLine($"QueueIpc: the environment variable {ThisProgram.JobVariable} has no job of this version: '{job}'.");
        return 1;
    }
}
