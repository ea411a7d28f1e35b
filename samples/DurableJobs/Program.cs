// Jobs that survive kill -9 of everything, the broker among it: run it, kill it, run it again, and it goes on.
using System.Diagnostics;
using System.Globalization;
using QueueIpc;

const int Jobs = 20;
var directory = args is [var given, ..] ? given : Path.Combine(Path.GetTempPath(), $"durable-jobs-{Environment.UserName}");
var resultsUntilKill = args is [_, "--kill-after", var number] ? int.Parse(number, CultureInfo.InvariantCulture) : int.MaxValue;
using (var broker = QueueBroker.Start(new QueueBrokerOptions { Storage = new SqliteStorage(directory) }))
{
    using var jobs = broker.OpenQueue<int>("jobs");
    using var results = broker.OpenQueue<string>("results");
    if (jobs.GetInfo().TotalPut == 0)
    {
        jobs.PutMany(Enumerable.Range(1, Jobs));
        Console.WriteLine($"{Jobs} jobs are put");
    }
    else
    {
        Console.WriteLine($"going on: {jobs.GetInfo().TotalTaken} of {Jobs} jobs were done before");
    }

    using var worker = WorkerProcess.Start(Work, jobs, results);
    foreach (var result in results.GetConsumingEnumerable())
    {
        Console.WriteLine(result);
        if (--resultsUntilKill == 0)
        {
            worker.Kill();
            Process.GetCurrentProcess().Kill();
        }
    }
}

Directory.Delete(directory, recursive: true);
Console.WriteLine("all jobs are done");

// The result is kept before the job is acked. Killed in between, the job comes again: at least once, and never not at all.
static void Work(IpcQueue<int> jobs, IpcQueue<string> results)
{
    while (jobs.TryLease(out var job, TimeSpan.Zero))
    {
        using (job)
        {
            var below = job.Item * 10_000;
            results.Put($"job {job.Item}: {Enumerable.Range(2, below - 2).Count(IsPrime)} primes below {below}");
            job.Ack();
        }
    }

    results.Complete();
}

static bool IsPrime(int number)
{
    for (var divisor = 2; divisor * divisor <= number; divisor++)
    {
        if (number % divisor == 0)
        {
            return false;
        }
    }

    return true;
}
