using System.Text;
using Microsoft.Win32.SafeHandles;

namespace QueueIpc.Chaos.Disk;

/// <summary>
/// A broker on a directory, and callers in the same process, for a test that records what this process asks of the system. Each caller says on the standard
/// output what it was told, with one write for each line: "A item" when a put has returned, "B item" before an ack, "D item" when it has returned.
/// </summary>
internal static class DiskWriter
{
    private const int Callers = 3;
    private const int BatchMax = 20;

    private static volatile bool _brokerEnded;

    /// <summary>Ends by itself when so many items are put, or when the broker has ended.</summary>
    public static int Run(string directory, int items, int itemChars)
    {
        // Descriptor 1 itself, which a recording knows: the console has a copy of it.
        using var one = new SafeFileHandle(1, ownsHandle: false);
        using var output = new FileStream(one, FileAccess.Write, bufferSize: 0);
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Storage = new SqliteStorage(directory) });
        Thread[] threads =
        [
            .. Enumerable.Range(1, Callers).Select(caller => Start(() => Put(broker, caller, items / Callers, itemChars, output))),
            Start(() => Take(broker, items / 2, output)),
        ];
        Array.ForEach(threads, thread => thread.Join());
        Say(output, $"E {(_brokerEnded ? EndOf(broker) : "done")}");
        return 0;
    }

    /// <summary>Every byte of an item follows from its number.</summary>
    public static string ItemOf(long number, int chars) => $"{number} {new string((char)('a' + (number % 26)), (int)(number * 7 % chars))}";

    private static void Put(QueueBroker broker, int caller, int count, int chars, Stream output) => Use(broker, queue =>
    {
        var random = new Random(caller);
        for (var next = 0; next < count;)
        {
            var numbers = Enumerable.Range(next, random.Next(4) == 0 ? random.Next(2, BatchMax) : 1).Select(i => (caller * 1_000_000L) + i).ToArray();
            next += numbers.Length;
            if (numbers.Length == 1)
            {
                queue.Put(ItemOf(numbers[0], chars));
            }
            else
            {
                queue.PutMany(numbers.Select(number => ItemOf(number, chars)));
            }

            Say(output, [.. numbers.Select(number => $"A {number}")]);
        }
    });

    private static void Take(QueueBroker broker, int count, Stream output) => Use(broker, queue =>
    {
        for (var i = 0; i < count; i++)
        {
            using var lease = queue.Lease();
            var number = lease.Item.Split(' ')[0];
            Say(output, $"B {number}");
            lease.Ack();
            Say(output, $"D {number}");
        }
    });

    private static void Use(QueueBroker broker, Action<IpcQueue<string>> act)
    {
        try
        {
            using var client = QueueClient.Connect(broker.Endpoint);
            using var queue = client.OpenQueue<string>("items");
            act(queue);
        }
        catch (BrokerUnavailableException)
        {
            // The storage has failed, as the test wants it.
            _brokerEnded = true;
        }
    }

    private static string EndOf(QueueBroker broker)
    {
        try
        {
            broker.Completion.GetAwaiter().GetResult();
            return "without a reason";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private static void Say(Stream output, params string[] lines)
    {
        lock (output)
        {
            output.Write(Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => $"{line}\n"))));
            output.Flush();
        }
    }

    private static Thread Start(Action act)
    {
        var thread = new Thread(() => act());
        thread.Start();
        return thread;
    }
}
