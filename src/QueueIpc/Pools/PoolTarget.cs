using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using QueueIpc.Workers;

namespace QueueIpc.Pools;

/// <summary>The forms that the work of a pool can have.</summary>
internal enum PoolForm : byte
{
    Work,
    Cancellable,
    Async,
    AsyncCancellable,
}

/// <summary>What a pool's workers do, with the types that only the program knows.</summary>
internal abstract class PoolTarget
{
    private const string KeptByParent = "The parent is this same program, and has made one of that type.";

    /// <summary>For the workers: the work's types, its method, and what is to be done before the first job.</summary>
    public static byte[] Pack<TJob, TResult>(Delegate work, Action? initializer)
    {
        ArgumentNullException.ThrowIfNull(work);
        var form = work switch
        {
            Func<TJob, TResult> => PoolForm.Work,
            Func<TJob, CancellationToken, TResult> => PoolForm.Cancellable,
            Func<TJob, Task<TResult>> => PoolForm.Async,
            _ => PoolForm.AsyncCancellable,
        };
        var bytes = new MemoryStream();
        using (var to = new BinaryWriter(bytes, Encoding.UTF8))
        {
            to.Write(new Of<TJob, TResult>().GetType().AssemblyQualifiedName!);
            to.Write((byte)form);
            Write(to, work);
            Write(to, initializer);
        }

        return bytes.ToArray();
    }

    /// <summary>In the worker: what <see cref="Pack"/> was given. The second is done before the first job; null for nothing.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2057", Justification = KeptByParent)]
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = KeptByParent)]
    public static (PoolTarget Work, WorkerJob? Initializer) Unpack(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);

        // Its constructor may have been trimmed, and does nothing.
        var target = (PoolTarget)RuntimeHelpers.GetUninitializedObject(Type.GetType(from.ReadString(), throwOnError: true)!);
        var form = (PoolForm)from.ReadByte();
        target.Bind(form, Read(from)!);
        return (target, Read(from));
    }

    /// <summary>Does one job, packed as it came; answers the result, packed as it goes.</summary>
    public abstract byte[] Run(ReadOnlyMemory<byte> job, CancellationToken ct);

    protected abstract void Bind(PoolForm form, WorkerJob work);

    private static void Write(BinaryWriter to, Delegate? method)
    {
        var job = method is null ? [] : WorkerJob.Of(method, []).ToBytes();
        to.Write(job.Length);
        to.Write(job);
    }

    private static WorkerJob? Read(BinaryReader from) => from.ReadInt32() is > 0 and var length ? WorkerJob.FromBytes(from.ReadBytes(length)) : null;

    private sealed class Of<TJob, TResult> : PoolTarget
    {
        private PoolCodec<TJob> _jobs = null!;
        private PoolCodec<TResult> _results = null!;
        private Func<TJob, CancellationToken, TResult> _work = null!;

        public override byte[] Run(ReadOnlyMemory<byte> job, CancellationToken ct) => _results.Pack(_work(_jobs.Unpack(job), ct));

        protected override void Bind(PoolForm form, WorkerJob work)
        {
            (_jobs, _results) = (new PoolCodec<TJob>(), new PoolCodec<TResult>());
            _work = form switch
            {
                PoolForm.Work => Without(work.ToDelegate<Func<TJob, TResult>>()),
                PoolForm.Cancellable => work.ToDelegate<Func<TJob, CancellationToken, TResult>>(),
                PoolForm.Async => Awaited(Without(work.ToDelegate<Func<TJob, Task<TResult>>>())),
                _ => Awaited(work.ToDelegate<Func<TJob, CancellationToken, Task<TResult>>>()),
            };
        }

        private static Func<TJob, CancellationToken, TAny> Without<TAny>(Func<TJob, TAny> work) => (job, _) => work(job);

        private static Func<TJob, CancellationToken, TResult> Awaited(Func<TJob, CancellationToken, Task<TResult>> work) => (job, ct) => work(job, ct).GetAwaiter().GetResult();
    }
}
