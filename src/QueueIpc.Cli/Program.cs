using QueueIpc.Cli.Tool;

return await CommandLine.RunAsync(args);
