using System.Diagnostics;
using QueueIpc.Workers;

namespace QueueIpc;

/// <summary>
/// A child process that runs one method of this same program. Its arguments are queues, which arrive connected to the same broker, or anything
/// MessagePack can serialise. The child ends when this process ends, however that happens.
/// </summary>
/// <remarks>
/// Where workers cannot start by themselves, and <see cref="RunIfWorker"/> was not called, Start throws <see cref="InvalidOperationException"/>.
/// A lambda that never returns fits <c>Func&lt;int&gt;</c> as well as <c>Func&lt;Task&gt;</c>, and the compiler does not choose (CS0121): give a local function, whose return type is written.
/// </remarks>
public sealed partial class WorkerProcess : IDisposable
{
    private readonly Process _process;
    private readonly IpcQueue<byte[]> _control;
    private readonly IpcQueue<byte[]> _reports;
    private readonly Lazy<Task> _ended;
    private WorkerFailure? _failure;
    private bool _disposed;

    private WorkerProcess(Process process, IpcQueue<byte[]> control, IpcQueue<byte[]> reports) =>
        (_process, _control, _reports, _ended) = (process, control, reports, new Lazy<Task>(() => process.WaitForExitAsync()));

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>
    /// The int that the method returned (on Unix 255 for one that is not between 0 and 255), else <see cref="Environment.ExitCode"/> in the worker, 0 if it was not set; 1 after an exception that it did not catch; after <see cref="Terminate"/> or <see cref="Kill"/> what the platform reports
    /// (143 and 137 on Unix).
    /// </summary>
    /// <exception cref="InvalidOperationException">The process has not ended.</exception>
    public int ExitCode => _process.ExitCode;

    /// <summary>
    /// What was thrown in the worker, on whatever thread, and not caught, or that the process ended before it began; null while the process runs, and if nothing was thrown.
    /// </summary>
    public WorkerFailure? Failure
    {
        get
        {
            if (_failure is null && HasExited)
            {
                // The worker has put it before it ended.
                _failure = _errors is not null ? _errors.Failure(ExitCode) : _reports.TryGet(out var report) ? WorkerFailure.FromBytes(report) : NeverBegan();
            }

            return _failure;
        }
    }

    /// <summary>
    /// The first line of Main in programs where workers cannot start by themselves (Native AOT, trimmed): in a worker it does the job and ends the process,
    /// elsewhere it returns at once.
    /// </summary>
    public static void RunIfWorker()
    {
        ThisProgram.LooksForJobs = true;
        ChildMain.RunIfChild();
    }

    /// <summary>Waits until the process has ended.</summary>
    public void WaitForExit() => _process.WaitForExit();

    /// <summary>Waits until the process has ended, but no longer than <paramref name="timeout"/>.</summary>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <returns>Whether it has ended.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public bool WaitForExit(TimeSpan timeout)
    {
        var micros = Client.Waits.Micros(timeout);
        return _process.WaitForExit(micros < 0 ? Timeout.Infinite : (int)Math.Min((micros + 999) / 1000, int.MaxValue));
    }

    /// <summary>Like <see cref="WaitForExit()"/>, without a thread.</summary>
    /// <param name="ct">Ends the waiting with <see cref="OperationCanceledException"/>; the process runs on.</param>
    /// <returns>Ends when the process has ended.</returns>
    public Task WaitForExitAsync(CancellationToken ct = default) => _process.WaitForExitAsync(ct);

    /// <summary>Ends when the process has ended, also if this object is disposed before.</summary>
    internal Task Ended => _ended.Value;

    /// <summary>Asks the process to end: it runs its exit handlers and ends with code 143. It does so even if its method is blocked.</summary>
    public void Terminate()
    {
        if (!HasExited && _errors is not null)
        {
            OtherProgram.Terminate(_process, _control);
        }
        else if (!HasExited)
        {
            _control.Put(WorkerMain.TerminateMessage);
        }
    }

    /// <summary>Ends the process at once, without a chance to clean up.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Lets go of the process; if it still runs, it runs on.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;

        // The queues of a running worker stay: their end would look to the worker like ours.
        if (HasExited)
        {
            _control.Dispose();
            _reports.Dispose();
        }

        if (_ended.IsValueCreated)
        {
            _ = _ended.Value.ContinueWith(_ => _process.Dispose(), TaskScheduler.Default);
        }
        else
        {
            _process.Dispose();
        }
    }

    /// <summary>The first that a worker does is to take its job: one that left it there did nothing.</summary>
    private WorkerFailure? NeverBegan()
    {
        if (!_control.TryGet(out var left) || left.AsSpan().SequenceEqual(WorkerMain.TerminateMessage))
        {
            return null;
        }

        var message = $"The worker process ended with exit code {ExitCode} before it began. Its standard error may say why.";
        return new WorkerFailure(typeof(IOException).FullName!, message, message);
    }

    private static WorkerProcess Start(Delegate target, WorkerOptions? options, params object?[] arguments)
    {
        options ??= new WorkerOptions();
        options.Validate();
        var job = WorkerJob.Of(target, arguments);
        var broker = QueueBroker.Default;
        var control = broker.CreateQueue<byte[]>(null, RawBytesSerializer.Instance);
        var reports = broker.CreateQueue<byte[]>(null, RawBytesSerializer.Instance);
        try
        {
            var info = ThisProgram.StartInfo($"{ChildMain.WorkPrefix}{control.Endpoint}\n{control.Name}\n{reports.Name}\n{Environment.ProcessId}\n{options.Name}");
            Hand(job, target, control);
            WorkerStreams.Prepare(info, options);
            var process = ThisProgram.Start(info);
            WorkerStreams.Attach(process, options);
            return new WorkerProcess(process, control, reports);
        }
        catch
        {
            control.Dispose();
            reports.Dispose();
            throw;
        }
    }

    private static void Hand(WorkerJob job, Delegate target, IpcQueue<byte[]> control)
    {
        try
        {
            control.Put(job.ToBytes());
        }
        catch (ItemTooLargeException e)
        {
            var largest = Array.IndexOf(job.Arguments, job.Arguments.MaxBy(argument => argument.Length));
            var name = target.Method.GetParameters()[^(job.Arguments.Length - largest)].Name;
            throw new ArgumentException(
                $"The argument '{name}' has {job.Arguments[largest].Length} bytes; all arguments of a worker together may have {new QueueBrokerOptions().MaxItemBytes} at most. " +
                "Send what is larger through a queue, in parts, or as the path of a file.", name, e);
        }
    }
}
