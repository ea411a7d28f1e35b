namespace QueueIpc;

// Who wants to be told of a worker's end, without waiting for it.
public sealed partial class WorkerProcess
{
    private readonly Lock _exitedLock = new();
    private EventHandler? _exited;
    private bool _isWatched;
    private bool _hasToldExit;

    /// <summary>
    /// Raised once when the process has ended, by a thread of the pool; <see cref="ExitCode"/> and <see cref="Failure"/> are known then. Who subscribes after the end is told as well.
    /// Of an object that is disposed nobody is told.
    /// </summary>
    public event EventHandler? Exited
    {
        add
        {
            lock (_exitedLock)
            {
                if (!_hasToldExit)
                {
                    _exited += value;
                    if (!_isWatched)
                    {
                        _isWatched = true;
                        _ = TellExitAsync();
                    }

                    return;
                }
            }

            ThreadPool.QueueUserWorkItem(_ => value?.Invoke(this, EventArgs.Empty));
        }

        remove
        {
            lock (_exitedLock)
            {
                _exited -= value;
            }
        }
    }

    private async Task TellExitAsync()
    {
        await Ended.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        EventHandler? exited;
        lock (_exitedLock)
        {
            _hasToldExit = true;
            exited = _disposed ? null : _exited;
        }

        exited?.Invoke(this, EventArgs.Empty);
    }
}
