namespace QueueIpc;

// Every form of target: none to four arguments, synchronous or not, with an exit code or without.
public sealed partial class WorkerProcess
{
    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <param name="target">A static method or local function.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start(Action target, WorkerOptions? options = null) => Start((Delegate)target, options);

    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1>(Action<T1> target, T1 arg1, WorkerOptions? options = null) => Start((Delegate)target, options, arg1);

    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2>(Action<T1, T2> target, T1 arg1, T2 arg2, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2);

    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <typeparam name="T3">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg3">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2, T3>(Action<T1, T2, T3> target, T1 arg1, T2 arg2, T3 arg3, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2, arg3);

    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <typeparam name="T3">The type of an argument.</typeparam>
    /// <typeparam name="T4">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg3">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg4">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2, T3, T4>(Action<T1, T2, T3, T4> target, T1 arg1, T2 arg2, T3 arg3, T4 arg4, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2, arg3, arg4);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <param name="target">A static method or local function.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start(Func<int> target, WorkerOptions? options = null) => Start((Delegate)target, options);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1>(Func<T1, int> target, T1 arg1, WorkerOptions? options = null) => Start((Delegate)target, options, arg1);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2>(Func<T1, T2, int> target, T1 arg1, T2 arg2, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <typeparam name="T3">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg3">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2, T3>(Func<T1, T2, T3, int> target, T1 arg1, T2 arg2, T3 arg3, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2, arg3);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <typeparam name="T3">The type of an argument.</typeparam>
    /// <typeparam name="T4">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg3">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg4">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2, T3, T4>(Func<T1, T2, T3, T4, int> target, T1 arg1, T2 arg2, T3 arg3, T4 arg4, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2, arg3, arg4);

    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <param name="target">A static method or local function.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start(Func<Task> target, WorkerOptions? options = null) => Start((Delegate)target, options);

    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1>(Func<T1, Task> target, T1 arg1, WorkerOptions? options = null) => Start((Delegate)target, options, arg1);

    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2>(Func<T1, T2, Task> target, T1 arg1, T2 arg2, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2);

    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <typeparam name="T3">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg3">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2, T3>(Func<T1, T2, T3, Task> target, T1 arg1, T2 arg2, T3 arg3, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2, arg3);

    /// <summary>Starts a child process that runs <paramref name="target"/>.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <typeparam name="T3">The type of an argument.</typeparam>
    /// <typeparam name="T4">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg3">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg4">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2, T3, T4>(Func<T1, T2, T3, T4, Task> target, T1 arg1, T2 arg2, T3 arg3, T4 arg4, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2, arg3, arg4);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <param name="target">A static method or local function.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start(Func<Task<int>> target, WorkerOptions? options = null) => Start((Delegate)target, options);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1>(Func<T1, Task<int>> target, T1 arg1, WorkerOptions? options = null) => Start((Delegate)target, options, arg1);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2>(Func<T1, T2, Task<int>> target, T1 arg1, T2 arg2, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <typeparam name="T3">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg3">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2, T3>(Func<T1, T2, T3, Task<int>> target, T1 arg1, T2 arg2, T3 arg3, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2, arg3);

    /// <summary>Starts a child process that runs <paramref name="target"/>. Its result is the exit code.</summary>
    /// <typeparam name="T1">The type of an argument.</typeparam>
    /// <typeparam name="T2">The type of an argument.</typeparam>
    /// <typeparam name="T3">The type of an argument.</typeparam>
    /// <typeparam name="T4">The type of an argument.</typeparam>
    /// <param name="target">A static method or local function.</param>
    /// <param name="arg1">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg2">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg3">A queue, or anything MessagePack can serialise.</param>
    /// <param name="arg4">A queue, or anything MessagePack can serialise.</param>
    /// <param name="options">Where and how it runs; null for as this process does.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">The target uses something from around it, an argument cannot be sent, or an option is out of its range.</exception>
    /// <exception cref="IOException">The process cannot be started.</exception>
    public static WorkerProcess Start<T1, T2, T3, T4>(Func<T1, T2, T3, T4, Task<int>> target, T1 arg1, T2 arg2, T3 arg3, T4 arg4, WorkerOptions? options = null) => Start((Delegate)target, options, arg1, arg2, arg3, arg4);
}
