using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>The end of a worker's method is the end of a Main, and nobody waits for ever for one that failed.</summary>
public sealed class WorkerEndTests
{
    [Fact]
    public void Case68_ProcessExit_HandlerOfTheJobPuts_TheItemArrives()
    {
        using var queue = IpcQueue.Create<string>();
        using var worker = WorkerProcess.Start(PutInExitHandler, queue);
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal((0, "bye"), (worker.ExitCode, queue.Get(TimeSpan.Zero)));
    }

    [Fact]
    public void Case68_ExitCode_SetByTheJob_Counts()
    {
        using var worker = WorkerProcess.Start(SetExitCode);
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(5, worker.ExitCode);
    }

    [UnixFact]
    public void Case68_ExitCode_NoRoomInEightBits_IsNotZero()
    {
        using var returns = WorkerProcess.Start(Return, 256);
        using var exits = WorkerProcess.Start(Exit, 256);
        Assert.True(returns.WaitForExit(Times.Long));
        Assert.True(exits.WaitForExit(Times.Long));
        Assert.Equal((255, 255), (returns.ExitCode, exits.ExitCode));
    }

    [Fact]
    public void End_ItemsInAQueueThatTheWorkerMadeItself_SaysThatNobodyGetsThem()
    {
        Assert.Contains("has put 2 item(s) into a queue that it made itself", Assert.Single(ErrorsOf(putOnly: true)), StringComparison.Ordinal);
        Assert.Empty(ErrorsOf(putOnly: false));
    }

    [Fact]
    public void Start_AsyncVoid_IsRefused()
    {
        var e = Assert.Throws<ArgumentException>(() => WorkerProcess.Start(ReturnNothingToWaitFor));
        Assert.Contains("Let it return a Task", e.Message);
    }

    [Fact]
    public void Start_ArgumentTooLarge_SaysWhichAndHowLargeItMayBe()
    {
        var e = Assert.Throws<ArgumentException>(() => WorkerProcess.Start(Take, 1, new byte[17_000_000]));
        Assert.Equal("bytes", e.ParamName);
        Assert.Contains("may have 16777216 at most", e.Message);
    }

    [Fact]
    public void Case68_Failure_ExceptionOnAnotherThread_IsThere()
    {
        using var worker = WorkerProcess.Start(ThrowOnThePool);
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.NotEqual(0, worker.ExitCode);
        Assert.Equal("on the pool", worker.Failure?.Message);
    }

    [Fact]
    public void Failure_ExceptionWhoseMessageThrows_StillHasItsType()
    {
        using var worker = WorkerProcess.Start(ThrowWordless);
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(1, worker.ExitCode);
        Assert.Equal(typeof(WordlessException).FullName, worker.Failure?.Type);
    }

    [Fact]
    public void Failure_KilledBeforeItBegan_SaysSo()
    {
        using var worker = WorkerProcess.Start(Wait);
        worker.Kill();
        worker.WaitForExit();
        Assert.Contains("before it began", worker.Failure?.Message);
    }

    [Fact]
    public void CompleteAfter_ProducerThrows_TheLoopEndsWithWhatWasPut()
    {
        using var squares = IpcQueue.Create<int>();
        using var worker = WorkerProcess.Start(PutAndThrow, squares);
        squares.CompleteAfter(worker);
        Assert.Equal([1], squares.GetConsumingEnumerable(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void CompleteAfter_SeveralProducersWhoseObjectsAreDisposed_EndsWithTheLast()
    {
        using var squares = IpcQueue.Create<int>();
        using (var first = WorkerProcess.Start(PutAndThrow, squares))
        using (var second = WorkerProcess.Start(PutAndThrow, squares))
        {
            squares.CompleteAfter(first, second);
        }

        Assert.Equal([1, 1], squares.GetConsumingEnumerable(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void CompleteAfter_NoProducer_IsRefused()
    {
        using var squares = IpcQueue.Create<int>();
        Assert.Throws<ArgumentException>(() => squares.CompleteAfter());
    }

    [UnixFact]
    public void Case67_Terminate_SignalForTheWholeService_BrokerProcessAndWorkerGoOnUntilTheirOwnerEnds()
    {
        using var broker = QueueBroker.StartProcess();
        using var questions = broker.OpenQueue<int>("questions");
        using var answers = broker.OpenQueue<int>("answers");
        using var worker = WorkerProcess.Start(Echo, questions, answers);
        questions.Put(1);
        Assert.Equal(1, answers.Get(Times.Long));

        using var kill = Process.Start("kill", $"-TERM {broker.ProcessId} {worker.Id}");
        kill.WaitForExit();
        questions.Put(2);

        Assert.Equal(2, answers.Get(Times.Long));
        questions.Complete();
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(0, worker.ExitCode);
    }

    /// <summary>What it says before its exit handlers run.</summary>
    private static List<string> ErrorsOf(bool putOnly)
    {
        var lines = new List<string>();
        using var ended = new ManualResetEventSlim();
        using var worker = WorkerProcess.Start(UseOwnQueue, putOnly, new WorkerOptions
        {
            Errors = line =>
            {
                if (line == "the end")
                {
                    ended.Set();
                    return;
                }

                lines.Add(line);
            },
        });
        Assert.True(ended.Wait(Times.Long, TestContext.Current.CancellationToken));
        return lines;
    }

    private static void UseOwnQueue(bool putOnly)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Console.Error.WriteLine("the end");
        var own = IpcQueue.Create<int>();
        own.PutMany([1, 2]);
        if (!putOnly)
        {
            own.GetMany(2, TimeSpan.Zero);
        }
    }

    private static void PutInExitHandler(IpcQueue<string> queue) => AppDomain.CurrentDomain.ProcessExit += (_, _) => queue.Put("bye");

    private static void SetExitCode() => Environment.ExitCode = 5;

    private static void Exit(int code) => Environment.Exit(code);

    private static int Return(int code) => code;

    private static async void ReturnNothingToWaitFor() => await Task.Yield();

    private static void Take(int number, byte[] bytes) => _ = (number, bytes);

    private static void ThrowOnThePool()
    {
        ThreadPool.QueueUserWorkItem(_ => throw new InvalidOperationException("on the pool"));
        Wait();
    }

    private static void ThrowWordless() => throw new WordlessException();

    private static void Wait() => Thread.Sleep(Timeout.Infinite);

    private static void PutAndThrow(IpcQueue<int> squares)
    {
        squares.Put(1);
        throw new InvalidOperationException("disk full");
    }

    private static void Echo(IpcQueue<int> questions, IpcQueue<int> answers)
    {
        foreach (var question in questions.GetConsumingEnumerable())
        {
            answers.Put(question);
        }
    }

    private sealed class WordlessException : Exception
    {
        public override string Message => throw new InvalidOperationException("no words");
    }
}
