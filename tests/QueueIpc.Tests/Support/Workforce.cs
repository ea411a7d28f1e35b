namespace QueueIpc.Tests.Support;

/// <summary>The workers of one test: none of them outlives it, however it ends.</summary>
internal sealed class Workforce : IDisposable
{
    private readonly List<WorkerProcess> _workers = [];

    public WorkerProcess Add(WorkerProcess worker)
    {
        _workers.Add(worker);
        return worker;
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            if (!worker.HasExited)
            {
                worker.Kill();
                worker.WaitForExit(Times.Long);
            }

            worker.Dispose();
        }
    }
}
