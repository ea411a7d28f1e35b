using QueueIpc.Protocol;
using QueueIpc.Transport;

namespace QueueIpc.Client;

/// <summary>How a queue is opened, and opened again with every new pipe of its connection.</summary>
internal sealed partial class ClientQueue
{
    /// <summary>Opens a queue by name; an empty name makes a new one, which is deleted with this handle.</summary>
    public static ClientQueue Open(ClientConnection connection, string name, QueueOptions? options, Action? closed = null, string? label = null)
    {
        options ??= label is null ? null : new QueueOptions();
        options?.Validate();
        ObjectDisposedException.ThrowIf(connection.IsDisposed, typeof(QueueClient));
        while (true)
        {
            using var call = connection.TryBegin(owner: null, ClientConnection.PromptMicros) ?? throw Errors.Lost("Open", name, connection);
            lock (connection.SyncRoot)
            {
                WriteOpen(connection, call, name, options, label);
            }

            connection.Flush();
            call.Wait(CancellationToken.None);
            ThrowUnlessAnswered(call, "Open", name, connection, isPut: false);
            var queue = new ClientQueue(connection, call, options, ownsQueue: name.Length == 0, closed);
            if (connection.TryKeepOpen(queue, call.AnsweredIn))
            {
                return queue;
            }
        }
    }

    /// <summary>Opens it again on another connection, whose pipe is to be this one's. Null when that is lost already.</summary>
    public PendingCall? BeginReopen(ClientConnection next)
    {
        var call = next.TryBegin(owner: null, ClientConnection.PromptMicros);
        if (call is not null)
        {
            lock (next.SyncRoot)
            {
                WriteOpen(next, call, Name, _options, label: null);
            }
        }

        return call;
    }

    /// <summary>What came of <see cref="BeginReopen"/>. Under the connection's lock.</summary>
    public void Reopened(PendingCall opened, bool isStillOpen, bool itemsAreLost)
    {
        Id = opened.Answer.Queue;
        if (opened.Answer.Op == Op.Refused)
        {
            Refusal = opened.Body.Rest.ToArray();
            return;
        }

        if (itemsAreLost)
        {
            Refusal = Errors.ItemsAreLost;
        }

        if (itemsAreLost || !isStillOpen)
        {
            Connection.Out.BeginFrame(Op.Close, Id, 0);
            Connection.Out.EndFrame();
        }
    }

    public static void WriteSettings(OutBuffer to, QueueOptions options)
    {
        to.Int32(options.Capacity);
        to.Int64(options.MaxBytes);
        to.Int64(options.LeaseTime.ToMicros());
        to.Int32(options.MaxFailures);
    }

    private static void WriteOpen(ClientConnection connection, PendingCall call, string name, QueueOptions? options, string? label)
    {
        var to = connection.Out;
        to.BeginFrame(Op.Open, 0, call.Id);
        to.Text(name);
        to.Bool(options is not null);
        if (options is not null)
        {
            WriteSettings(to, options);
            if (connection.Version > 1)
            {
                to.Bool(options.Transient);
                to.Text(label ?? string.Empty);
            }
        }

        connection.EndFrame(call);
    }

    private void WriteClose()
    {
        lock (Connection.SyncRoot)
        {
            if (IsRefused)
            {
                return;
            }

            Connection.Out.BeginFrame(Op.Close, Id, 0);
            Connection.Out.EndFrame();
            if (_ownsQueue)
            {
                Connection.Out.BeginFrame(Op.Delete, 0, 0);
                Connection.Out.Text(Name);
                Connection.Out.EndFrame();
            }
        }
    }
}
