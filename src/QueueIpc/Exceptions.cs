using System.Diagnostics.CodeAnalysis;

[assembly: SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Only the library creates them; each says what happened, on which queue, and what to try.", Scope = "module")]

namespace QueueIpc;

/// <summary>No item came within the timeout.</summary>
public sealed class QueueEmptyException : TimeoutException
{
    internal QueueEmptyException(string message)
        : base(message)
    {
    }
}

/// <summary>There was no room within the timeout; the item was not put.</summary>
public sealed class QueueFullException : TimeoutException
{
    internal QueueFullException(string message)
        : base(message)
    {
    }
}

/// <summary>The queue was completed (or deleted, the message says so): it takes no items any more, or has none left.</summary>
public sealed class QueueCompletedException : InvalidOperationException
{
    internal QueueCompletedException(string message)
        : base(message)
    {
    }

    /// <summary>Whether it is gone, and what was in it with it.</summary>
    internal bool IsDeleted { get; init; }
}

/// <summary>The broker could not be reached, or went away. The message says during which call, on which queue, and whether a put may have been accepted.</summary>
public sealed class BrokerUnavailableException : IOException
{
    internal BrokerUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Why a broker that is there refuses the connection, in its words.</summary>
    internal string? Refusal { get; init; }

    /// <summary>Whether somebody listens at the endpoint, who did not greet.</summary>
    internal bool IsListening { get; init; }
}

/// <summary>The item has more bytes than the broker, or the queue, ever takes. It was not put.</summary>
public sealed class ItemTooLargeException : ArgumentException
{
    internal ItemTooLargeException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// An item could not be serialised (from a put: it was not put), or not be read
/// (from a get: <see cref="RawBytes"/> has it, and it is with the queue's dead items).
/// </summary>
public sealed class ItemSerializationException : InvalidOperationException
{
    internal ItemSerializationException(string message, Exception? inner, ReadOnlyMemory<byte> rawBytes = default)
        : base(message, inner) => RawBytes = rawBytes;

    /// <summary>The item that could not be read; empty when one could not be serialised.</summary>
    public ReadOnlyMemory<byte> RawBytes { get; }

    /// <summary>The place in the queue of the item that could not be read, as its dead items have it; null when one could not be serialised, or the broker did not say.</summary>
    public long? Sequence { get; internal init; }
}

/// <summary>The lease has ended: it was settled already, it expired, or its connection ended. Nothing was changed.</summary>
public sealed class LeaseLostException : InvalidOperationException
{
    internal LeaseLostException(string message)
        : base(message)
    {
    }
}

/// <summary>What a job of a <see cref="WorkerPool"/> threw in its worker. <see cref="Exception.Message"/> is the message of that exception.</summary>
public sealed class WorkerException : Exception
{
    internal WorkerException(WorkerFailure failure)
        : base(failure.Message) => (Type, Stack) = (failure.Type, failure.Stack);

    /// <summary>The type of what was thrown, with its namespace.</summary>
    public string Type { get; }

    /// <summary>What was thrown in full: message, inner exceptions, and where in the worker it happened.</summary>
    public string Stack { get; }

    /// <summary>This exception, and what was thrown in the worker.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{base.ToString()}{Environment.NewLine}--- in the worker ---{Environment.NewLine}{Stack}";
}

/// <summary>Workers of a <see cref="WorkerPool"/> died while they had this job: it is not given to another one.</summary>
public sealed class WorkerDiedException : Exception
{
    internal WorkerDiedException(int deaths, int exitCode, WorkerFailure? failure)
        : base($"The job was with {(deaths == 1 ? "a worker that died" : $"{deaths} workers that died, one after the other")}; the last one ended with exit code {exitCode}.{(failure is null ? string.Empty : $" {failure.Message}")}")
    {
        (Deaths, ExitCode, Failure) = (deaths, exitCode, failure);
    }

    /// <summary>How many workers died.</summary>
    public int Deaths { get; }

    /// <summary>The exit code of the last one, see <see cref="WorkerProcess.ExitCode"/>.</summary>
    public int ExitCode { get; }

    /// <summary>What the last one had not caught, if anything.</summary>
    public WorkerFailure? Failure { get; }
}
