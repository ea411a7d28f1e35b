using System.Runtime.InteropServices;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A worker that has no memory, no address space or no disk left fails alone: its broker serves on, and its item is the next worker's.</summary>
public sealed partial class ExhaustedWorkerTests
{
    private const string HeapLimitVariable = "DOTNET_GCHeapHardLimit";
    private const string HeapLimit = "0x4000000";
    private const int LargeBytes = 15 << 20;
    private const int LargeItems = 3;

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case63_WorkerOutOfMemoryInItsOwnCode_BrokerServesOnAndTheItemComesBack(BrokerPlace place) =>
        AssertFailsAlone(place, (queue, go) => StartWithLittleMemory(() => WorkerProcess.Start(LeaseAndAllocate, queue, go)));

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case63_WorkerOutOfMemoryInTheLibrary_BrokerServesOnAndTheItemsAreThere(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var large = broker.OpenQueue<byte[]>("large");
        for (var i = 0; i < LargeItems; i++)
        {
            large.Put(new byte[LargeBytes]);
        }

        var worker = workers.Add(StartWithLittleMemory(() => WorkerProcess.Start(LeaseAll, large)));

        Assert.True(worker.WaitForExit(Times.Long));
        Assert.NotEqual(0, worker.ExitCode);
        for (var i = 0; i < LargeItems; i++)
        {
            Assert.Equal(LargeBytes, large.Get(Times.Long).Length);
        }
    }

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case63_WorkerOutOfAddressSpace_BrokerServesOnAndTheItemComesBack(BrokerPlace place)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux limits another process that runs");
        AssertFailsAlone(place, (queue, go) => WorkerProcess.Start(LeaseAndStartThreads, queue, go), LimitAddressSpace);
    }

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case63_WorkerOnAFullDisk_BrokerServesOnAndTheItemComesBack(BrokerPlace place)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has a disk that is always full");
        var failure = AssertFailsAlone(place, (queue, go) => WorkerProcess.Start(LeaseAndWrite, queue, go));
        Assert.Equal(typeof(IOException).FullName, failure!.Type);
    }

    /// <summary>The worker leases an item and waits; told to go on, it exhausts what it has.</summary>
    private static WorkerFailure? AssertFailsAlone(BrokerPlace place, Func<IpcQueue<string>, IpcQueue<int>, WorkerProcess> start, Action<WorkerProcess>? limit = null)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<string>("queue");
        using var go = broker.OpenQueue<int>("go");
        queue.Put("work");
        var worker = workers.Add(start(queue, go));
        Eventually.True(() => go.GetInfo().WaitingGets == 1);
        limit?.Invoke(worker);

        go.Put(1);

        Assert.True(worker.WaitForExit(Times.Long));
        Assert.NotEqual(0, worker.ExitCode);
        using var lease = queue.Lease(Times.Long);
        Assert.Equal(("work", 1), (lease.Item, lease.Failures));
        lease.Ack();
        using var newcomer = QueueClient.Connect(broker.Endpoint);
        Assert.Equal(2, newcomer.GetQueues().Count);
        return worker.Failure;
    }

    private static WorkerProcess StartWithLittleMemory(Func<WorkerProcess> start)
    {
        Environment.SetEnvironmentVariable(HeapLimitVariable, HeapLimit);
        try
        {
            return start();
        }
        finally
        {
            Environment.SetEnvironmentVariable(HeapLimitVariable, null);
        }
    }

    private static void LeaseAndAllocate(IpcQueue<string> queue, IpcQueue<int> go)
    {
        using var lease = queue.Lease();
        go.Get();
        var hoard = new List<byte[]>();
        while (true)
        {
            hoard.Add(new byte[10_000]);
        }
    }

    private static void LeaseAll(IpcQueue<byte[]> large)
    {
        var hoard = new List<QueueLease<byte[]>>();
        for (var i = 0; i < LargeItems; i++)
        {
            hoard.Add(large.Lease());
        }

        // It must not come to this: it has not that much memory.
        hoard.ForEach(lease => lease.Ack());
    }

    private static void LeaseAndStartThreads(IpcQueue<string> queue, IpcQueue<int> go)
    {
        using var lease = queue.Lease();
        go.Get();
        while (true)
        {
            new Thread(() => Thread.Sleep(Timeout.Infinite)).Start();
        }
    }

    private static void LeaseAndWrite(IpcQueue<string> queue, IpcQueue<int> go)
    {
        using var lease = queue.Lease();
        go.Get();
        File.WriteAllText("/dev/full", lease.Item);
        lease.Ack();
    }

    /// <summary>From now on the process gets no new address space.</summary>
    private static void LimitAddressSpace(WorkerProcess worker)
    {
        const int AddressSpace = 9;
        ulong[] one = [1, 1];
        Assert.Equal(0, prlimit(worker.Id, AddressSpace, one, 0));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prlimit(int processId, int resource, ulong[] limit, nint old);
}
