namespace QueueIpc.Benchmarks;

/// <summary>Something that can be measured again and again: each call is one run, in processes of its own.</summary>
internal sealed record Scenario(string Name, string System, string Metric, string Unit, Func<int, double> Run, int Count);
