using System.Diagnostics;
using QueueIpc.Workers;

namespace QueueIpc;

// A worker that is another program, in whatever language.
public sealed partial class WorkerProcess
{
    private readonly ProgramErrors? _errors;

    private WorkerProcess(Process process, IpcQueue<byte[]> control, ProgramErrors errors)
        : this(process, control, control) => _errors = errors;

    /// <summary>
    /// Starts another program as a worker. It finds the queues with the clients for Python (<c>queueipc.from_environment()</c>) and Node (<c>fromEnvironment()</c>), or by itself: the environment
    /// variable QUEUEIPC_ENDPOINT is the broker's endpoint, and QUEUEIPC_QUEUES a JSON array of the queues' names.
    /// </summary>
    /// <remarks>
    /// What the program writes to its standard error is passed on, and its end is the text of <see cref="Failure"/> if the exit code is not 0. On Unix <see cref="Terminate"/> sends SIGTERM. A program that has asked one of
    /// these clients for its queues ends when this process ends.
    /// </remarks>
    /// <param name="program">The program and its arguments. Its environment is added to, and its standard error redirected.</param>
    /// <param name="queues">Queues of whatever item types, all of one broker.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">One of the arguments is no queue, or they are of several brokers.</exception>
    /// <exception cref="IOException">The program cannot be started.</exception>
    public static WorkerProcess Start(ProcessStartInfo program, params object[] queues)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(queues);
        var control = QueueBroker.Default.CreateQueue<byte[]>(null, RawBytesSerializer.Instance);
        try
        {
            var process = OtherProgram.Start(program, queues, control);
            return new WorkerProcess(process, control, new ProgramErrors(process, program.FileName));
        }
        catch
        {
            control.Dispose();
            throw;
        }
    }
}
