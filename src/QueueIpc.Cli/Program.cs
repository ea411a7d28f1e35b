using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

if (ClosedOutput.IsClosed)
{
    Console.SetOut(new ClosedOutput());
}

return await CommandLine.RunAsync(args);
