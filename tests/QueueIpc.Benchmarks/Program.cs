using BenchmarkDotNet.Running;
using QueueIpc.Benchmarks;

switch (args)
{
    case ["nothing"]:
        Console.WriteLine("nothing");
        return 0;
    case ["micro", .. var rest]:
        BenchmarkSwitcher.FromAssembly(typeof(All).Assembly).Run(rest);
        return 0;
    default:
        return CompareCommand.Run(args);
}
