using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>What can be the target of a worker, and what cannot.</summary>
public sealed class WorkerTargetTests
{
    [Fact]
    public void Start_ActionWithNoneToFourArguments_RunsWithThem()
    {
        using var seen = IpcQueue.Create<string>();
        AssertAll(0,
            WorkerProcess.Start(DoNothing),
            WorkerProcess.Start(See1, seen),
            WorkerProcess.Start(See2, seen, 2),
            WorkerProcess.Start(See3, seen, 2, "three"),
            WorkerProcess.Start(See4, seen, 2, "three", 4.5));
        Assert.Equal(["1", "1 2", "1 2 three", "1 2 three 4.5"], seen.GetMany(10, TimeSpan.Zero).Order());
    }

    [Fact]
    public void Start_FuncWithNoneToFourArguments_ItsResultIsTheExitCode() => AssertAll(10,
        WorkerProcess.Start(Ten),
        WorkerProcess.Start(Sum1, 10),
        WorkerProcess.Start(Sum2, 9, 1),
        WorkerProcess.Start(Sum3, 8, 1, 1),
        WorkerProcess.Start(Sum4, 7, 1, 1, 1));

    [Fact]
    public void Start_AsynchronousMethodWithNoneToFourArguments_IsAwaited()
    {
        using var seen = IpcQueue.Create<string>();
        AssertAll(0,
            WorkerProcess.Start(DoNothingLater),
            WorkerProcess.Start(SeeLater1, seen),
            WorkerProcess.Start(SeeLater2, seen, 2),
            WorkerProcess.Start(SeeLater3, seen, 2, "three"),
            WorkerProcess.Start(SeeLater4, seen, 2, "three", 4.5));
        Assert.Equal(["1", "1 2", "1 2 three", "1 2 three 4.5"], seen.GetMany(10, TimeSpan.Zero).Order());
    }

    [Fact]
    public void Start_AsynchronousMethodWithResultAndNoneToFourArguments_ItsResultIsTheExitCode() => AssertAll(10,
        WorkerProcess.Start(TenLater),
        WorkerProcess.Start(SumLater1, 10),
        WorkerProcess.Start(SumLater2, 9, 1),
        WorkerProcess.Start(SumLater3, 8, 1, 1),
        WorkerProcess.Start(SumLater4, 7, 1, 1, 1));

    [Fact]
    public void Start_LambdasAndLocalFunctionsThatCaptureNothing_Run()
    {
        AssertAll(10,
            WorkerProcess.Start(static () => 10),
            WorkerProcess.Start(() => 10),
            WorkerProcess.Start((int a, int b) => a + b, 6, 4),
            WorkerProcess.Start(async () => { await Task.Yield(); return 10; }),
            WorkerProcess.Start(Local),
            WorkerProcess.Start(StaticLocal, 5));

        int Local() => 10;
        static int StaticLocal(int half) => 2 * half;
    }

    [Fact]
    public void Start_GenericMethodsAndMethodsOfGenericTypes_RunWithTheirTypes()
    {
        using var types = IpcQueue.Create<string>();
        AssertAll(0,
            WorkerProcess.Start(PutType<Guid>, types),
            WorkerProcess.Start(PutType<List<int?>>, types),
            WorkerProcess.Start(Generic<DateTime>.PutType, types),
            WorkerProcess.Start(Generic<string>.PutTypes<int>, types));
        Assert.Equal(
            ["DateTime of Generic", "Guid", "List`1", "String of Generic with Int32"],
            types.GetMany(10, TimeSpan.Zero).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Start_LambdaThatCaptures_IsAnArgumentExceptionThatSaysWhatToDo()
    {
        var captured = Random.Shared.Next();
        var e = Assert.Throws<ArgumentException>(() => WorkerProcess.Start(() => captured));
        AssertSaysWhatToDo(e, nameof(captured));
    }

    [Fact]
    public void Start_LocalFunctionThatCaptures_IsAnArgumentExceptionThatSaysWhatToDo()
    {
        var captured = Random.Shared.Next();
        var e = Assert.Throws<ArgumentException>(() => WorkerProcess.Start(Local));
        AssertSaysWhatToDo(e, nameof(captured));

        int Local() => captured;
    }

    [Fact]
    public void Start_InstanceMethod_IsAnArgumentExceptionThatSaysWhatToDo()
    {
        var e = Assert.Throws<ArgumentException>(() => WorkerProcess.Start(Instance));
        AssertSaysWhatToDo(e, nameof(WorkerTargetTests));
    }

    [Fact]
    public void Start_SeveralMethodsCombined_IsAnArgumentException()
    {
        Action twice = DoNothing;
        twice += DoNothing;
        var e = Assert.Throws<ArgumentException>(() => WorkerProcess.Start(twice));
        Assert.Contains("one static method", e.Message);
    }

    [Fact]
    public void Start_MethodMadeAtRunTime_IsAnArgumentException()
    {
        var made = System.Linq.Expressions.Expression.Lambda<Func<int>>(System.Linq.Expressions.Expression.Constant(1)).Compile();
        Assert.Throws<ArgumentException>(() => WorkerProcess.Start(made));
    }

    [Fact]
    public void Start_Null_IsAnArgumentException() => Assert.Throws<ArgumentNullException>(() => WorkerProcess.Start((Action)null!));

    private static void AssertSaysWhatToDo(ArgumentException e, string culprit)
    {
        Assert.Equal("target", e.ParamName);
        Assert.Contains(culprit, e.Message);
        Assert.Contains("Give a static method or local function, and pass what it needs as arguments", e.Message);
    }

    private static void AssertAll(int exitCode, params WorkerProcess[] started)
    {
        using var workers = new Workforce();
        foreach (var worker in started)
        {
            workers.Add(worker);
        }

        Assert.All(started, worker => Assert.True(worker.WaitForExit(Times.Long)));
        Assert.All(started, worker => Assert.Null(worker.Failure));
        Assert.All(started, worker => Assert.Equal(exitCode, worker.ExitCode));
    }

    private static void DoNothing()
    {
    }

    private static void See1(IpcQueue<string> seen) => seen.Put("1");

    private static void See2(IpcQueue<string> seen, int two) => seen.Put($"1 {two}");

    private static void See3(IpcQueue<string> seen, int two, string three) => seen.Put($"1 {two} {three}");

    private static void See4(IpcQueue<string> seen, int two, string three, double four) => seen.Put($"1 {two} {three} {four}");

    private static int Ten() => 10;

    private static int Sum1(int a) => a;

    private static int Sum2(int a, int b) => a + b;

    private static int Sum3(int a, int b, int c) => a + b + c;

    private static int Sum4(int a, int b, int c, int d) => a + b + c + d;

    private static async Task DoNothingLater() => await Task.Yield();

    private static async Task SeeLater1(IpcQueue<string> seen)
    {
        await Task.Yield();
        await seen.PutAsync("1");
    }

    private static async Task SeeLater2(IpcQueue<string> seen, int two)
    {
        await Task.Yield();
        await seen.PutAsync($"1 {two}");
    }

    private static async Task SeeLater3(IpcQueue<string> seen, int two, string three)
    {
        await Task.Yield();
        await seen.PutAsync($"1 {two} {three}");
    }

    private static async Task SeeLater4(IpcQueue<string> seen, int two, string three, double four)
    {
        await Task.Yield();
        await seen.PutAsync($"1 {two} {three} {four}");
    }

    private static async Task<int> TenLater()
    {
        await Task.Yield();
        return 10;
    }

    private static async Task<int> SumLater1(int a) => a - 10 + await TenLater();

    private static async Task<int> SumLater2(int a, int b) => a + b - 10 + await TenLater();

    private static async Task<int> SumLater3(int a, int b, int c) => a + b + c - 10 + await TenLater();

    private static async Task<int> SumLater4(int a, int b, int c, int d) => a + b + c + d - 10 + await TenLater();

    private static void PutType<T>(IpcQueue<string> types) => types.Put(typeof(T).Name);

    private void Instance() => GetHashCode();

    private static class Generic<T>
    {
        public static void PutType(IpcQueue<string> types) => types.Put($"{typeof(T).Name} of Generic");

        public static void PutTypes<TOther>(IpcQueue<string> types) => types.Put($"{typeof(T).Name} of Generic with {typeof(TOther).Name}");
    }
}
