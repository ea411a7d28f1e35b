using QueueIpc.Chaos.Ledger;

namespace QueueIpc.Chaos.Roles;

/// <summary>
/// A process of the run, seen from inside: works, writes everything down, and cuts its own pipe at random moments; then it connects again and goes on.
/// </summary>
internal abstract class Role : IDisposable
{
    private const int ControlWaitMs = 50;
    private const long ControlLateMicros = 20_000;
    private const int FirstCutMs = 2_000;
    private const int LastCutMs = 15_000;

    private long _callStart;

    protected Role(Orders orders)
    {
        Orders = orders;
        Random = new Random(orders.Seed);
        Ledger = new LedgerWriter(orders.Ledger);
        Witness = new WitnessSerializer(Ledger);
    }

    protected Orders Orders { get; }

    protected Random Random { get; }

    protected LedgerWriter Ledger { get; }

    protected int Connection { get; private set; }

    private WitnessSerializer Witness { get; }

    public void Dispose() => Ledger.Dispose();

    public void Run()
    {
        Tide.IsCalm = Orders.IsDurable;
        while (!RunConnection())
        {
            // The pipe was cut; once more with a new one.
        }
    }

    /// <summary>A plain wait again and again: how late it ends is the machine's doing, and none of the queue's.</summary>
    public static void StartControl(Action<long> late) => new Thread(() =>
    {
        while (true)
        {
            var due = Clock.Now + (ControlWaitMs * 1000);
            Thread.Sleep(ControlWaitMs);
            if (Clock.Now - due is > ControlLateMicros and var micros)
            {
                late(micros);
            }
        }
    })
    { IsBackground = true }.Start();

    /// <summary>Works until there is no more to do.</summary>
    protected abstract void Work(QueueClient client);

    protected void Begin()
    {
        Witness.Connection = ++Connection;
        Write(Act.Began);
        if (Connection == 1)
        {
            // Not before: who has written nothing has not begun.
            StartControl();
        }
    }

    protected void Write(Act act, long micros = 0) => Ledger.Write(new Entry(act, Connection) { Micros = micros, Queue = (byte)Orders.Queue });

    protected void Write(Act act, ChaosItem item, long micros = 0, int failures = 0) =>
        Ledger.Write(new Entry(act, Connection) { Micros = micros, Failures = (ushort)failures }.Of(item));

    protected void CallStarts() => _callStart = Clock.Now;

    protected long CallTook() => Clock.Now - _callStart;

    private bool RunConnection()
    {
        using var client = QueueClient.Connect(Orders.Endpoint, new QueueClientOptions
        {
            Serializer = Witness,

            // Where the broker is killed again and again, a busy machine may be late to every life of it.
            ConnectTimeout = Orders.IsDurable ? Timeout.InfiniteTimeSpan : new QueueClientOptions().ConnectTimeout,
            LoggerFactory = new RecallWitness(count => Write(Act.Recalled, count)),
        });
        Begin();
        using var over = new CancellationTokenSource();
        var cutAfterMs = Random.Next(FirstCutMs, LastCutMs);
        var cutter = new Thread(() => CutOnce(Orders.IsDurable ? Timeout.Infinite : cutAfterMs, over.Token)) { IsBackground = true };
        cutter.Start();
        try
        {
            CallStarts();
            Work(client);
            return true;
        }
        catch (BrokerUnavailableException)
        {
            Write(Act.Broken, CallTook());
            return false;
        }
        finally
        {
            over.Cancel();
            cutter.Join();
        }
    }

    private void CutOnce(int afterMs, CancellationToken over)
    {
        if (!OperatingSystem.IsWindows() && !over.WaitHandle.WaitOne(afterMs))
        {
            if (PipeCutter.CutAll(Orders.Endpoint, () => Write(Act.Cutting)) == 0 && !over.IsCancellationRequested)
            {
                throw new InvalidOperationException("There was no pipe to cut.");
            }
        }
    }

    private void StartControl() => StartControl(late => Write(Act.ControlLate, late));
}
