using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

if (OpenFiles.TooFew() is { } problem)
{
    Console.Error.WriteLine(problem);
    return ExitCode.Failed;
}

if (StandardFile.IsOutputClosed)
{
    Console.SetOut(new ClosedOutput());
}

return await CommandLine.RunAsync(args);
