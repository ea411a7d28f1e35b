using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using QueueIpc.Client;

namespace QueueIpc.Workers;

/// <summary>The life of a worker, seen from inside: gets its job from the parent, does it, and ends no later than the parent.</summary>
internal static class WorkerMain
{
    /// <summary>What the parent sends on the control queue after the job.</summary>
    public static readonly byte[] TerminateMessage = [1];

    /// <summary>What a shell calls "ended by SIGTERM".</summary>
    public const int TerminatedExitCode = 143;

    private const int ParentGoneExitCode = 129;
    private const int LastWordsMs = 2000;
    private const int LookForParentMs = 1000;

    public static int Run(string control)
    {
        // Ctrl+C goes to every process of a terminal, and a supervisor's SIGTERM to every process of a service: the parent decides what they mean, and its end is ours.
        var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        try
        {
            var parts = control.Split('\n');
            var (endpoint, jobsName, reportsName) = (parts[0], parts[1], parts[2]);
            ClientConnection.ProcessName = parts[4];

            // A connection of its own for the control queue: what the job does with its queues must not hold it up.
            var client = ConnectToParent(endpoint, int.Parse(parts[3], CultureInfo.InvariantCulture));
            var jobs = client.OpenQueue<byte[]>(jobsName, null, RawBytesSerializer.Instance);
            var job = WorkerJob.FromBytes(jobs.Get());
            BackgroundThread.Start("QueueIpc lifeline", () => FollowParent(jobs));

            // First of the exit handlers: what the job says in Environment.Exit has to fit as well.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Environment.ExitCode = Fitting(Environment.ExitCode);

            // An exception on any other thread ends the process as well.
            AppDomain.CurrentDomain.UnhandledException += (_, unhandled) => TryReport(client, reportsName, WorkerFailure.From((Exception)unhandled.ExceptionObject));
            int exitCode;
            try
            {
                exitCode = job.Run();
                WarnOfWhatNobodyGets();
            }
            catch (Exception e)
            {
                var failure = WorkerFailure.From(e);

                // The end of the parent's broker ends many a job before the lifeline ends the process: that is no failure of the job.
                if (!TryReport(client, reportsName, failure) && e is BrokerUnavailableException)
                {
                    return ParentGoneExitCode;
                }

                Say($"Unhandled exception in a worker. {failure.Stack}");
                exitCode = 1;
            }

            // Behind the job's own exit handlers, which find their queues open, as at the end of a Main.
            AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            {
                Client.SharedConnections.CloseAll();
                client.Dispose();
                interrupt.Dispose();
                terminate.Dispose();
            };
            return exitCode;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or QueueCompletedException or UnauthorizedAccessException or TimeoutException or OperationCanceledException)
        {
            // The parent has gone, and nobody wants the job or the report any more.
            return ParentGoneExitCode;
        }
    }

    /// <summary>Unix keeps eight bits of an exit code: 256 would be 0, which means success.</summary>
    private static int Fitting(int exitCode) => OperatingSystem.IsWindows() || exitCode is >= 0 and <= byte.MaxValue ? exitCode : byte.MaxValue;

    /// <summary>
    /// As soon as the pipe is connected, the system tells of the parent's end, and until then its greeting is waited for, however busy the machine is.
    /// Before that, a dead parent's pipe looks like one that is not there yet.
    /// </summary>
    private static QueueClient ConnectToParent(string endpoint, int parent)
    {
        var options = new QueueClientOptions { ConnectTimeout = Timeout.InfiniteTimeSpan };
        while (true)
        {
            using var look = new CancellationTokenSource(LookForParentMs);
            try
            {
                return QueueClient.Connect(endpoint, options, look.Token, found: there => look.CancelAfter(there is not null ? Timeout.Infinite : LookForParentMs));
            }
            catch (OperationCanceledException) when (ParentProcess.IsThere(parent))
            {
                // Once more.
            }
            catch (BrokerUnavailableException e)
            {
                Say($"A worker could not reach its parent process. {e.Message}");
                throw;
            }
        }
    }

    /// <summary>The usual mistake: a queue in a static field, which the parent waits at as well, and which is another one there.</summary>
    private static void WarnOfWhatNobodyGets()
    {
        foreach (var (name, ready) in QueueBroker.LeftInDefault())
        {
            Say($"A worker has put {ready} item(s) into a queue that it made itself ('{name}'), and ends: nobody gets them. A static field is made anew in each process; give the queue to the worker as an argument.");
        }
    }

    private static bool TryReport(QueueClient client, string reportsName, WorkerFailure failure)
    {
        try
        {
            using var reports = client.OpenQueue<byte[]>(reportsName, null, RawBytesSerializer.Instance);
            reports.Put(failure.ToBytes(), TimeSpan.FromMilliseconds(LastWordsMs));
            return true;
        }
        catch (Exception e) when (e is IOException or QueueCompletedException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Waits for the parent's word or its end; both end this process, whatever its other threads are doing.</summary>
    private static void FollowParent(IpcQueue<byte[]> control)
    {
        int exitCode;
        try
        {
            control.Get();
            exitCode = TerminatedExitCode;
        }
        catch (ObjectDisposedException)
        {
            // The job is done, and the process about to end by itself.
            return;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            exitCode = ParentGoneExitCode;
        }

        using var ended = new ManualResetEventSlim();
        BackgroundThread.Start("QueueIpc exit", () => Environment.Exit(exitCode));
        ended.Wait(LastWordsMs);
        KillThis();
    }

    // These are methods of their own because .NET loads what a method names before it runs it: two assemblies less before the first item.
    private static void KillThis() => Process.GetCurrentProcess().Kill();

    private static void Say(string words) => Console.Error.WriteLine(words);
}
