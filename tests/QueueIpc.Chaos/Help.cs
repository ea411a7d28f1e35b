namespace QueueIpc.Chaos;

internal static class Help
{
    public const string Text = """
        usage: dotnet run -c Release --project tests/QueueIpc.Chaos -- [--seed N] [--seconds S] [--items N] [--rate N] [--json] [--ledgers FOLDER]
               dotnet run -c Release --project tests/QueueIpc.Chaos -- --data [--kills N] [--seed N] [--rate N] [--json] [--ledgers FOLDER]

        A broker process, and around it producers, consumers with Get, workers with leases and readers with ReadAllAsync, each a process, twelve at a time. For S seconds
        (60) they put and take N (3000) items a second, with a pause of producers and one of consumers every 12 s, so that timeouts run out, while they are killed (SIGKILL), stopped for 2 to 5 s, and cut their own pipes, all as the seed says. Whoever
        dies is replaced. With --items it takes longer where need be: faults come no faster than N items go through. Then producers end, the queues are completed and drained, and the ledgers are audited. --json writes the report as JSON to the standard output.
        The exit code is 0 when the promise is kept, 1 when it is broken, 2 when the arguments are none.

        The ledgers. Every process appends to a file of its own, with one write(2) for each entry, so that an entry survives the death of its writer. A producer writes before
        each put, and after it returned. A consumer writes before each get; when its serializer is given the bytes, which is before the library can confirm them ("seen");
        and when it has the item ("handed over"). So an item that dies with its consumer is known by its name, and is counted, not forgiven.
        A reader also writes when its library gives back what it has read ahead, before that is sent.

        attempts             items that were about to be put
        accepted             items whose Put returned
        refused              items whose TryPut returned false
        delivered            items that were handed over, and acked if leased, at least once
        deliveries           how often any item was seen by any consumer
        lost                 accepted items that were neither delivered nor gone with their holder; those the broker counts as accepted and nobody saw; what is left at the end
        phantom              deliveries of what was never attempted, was refused, or has one wrong byte; items seen beyond those the broker counts as accepted
        duplicated           deliveries of an item while another had it or had finished it. An item may be delivered again only if the delivery before was ended by a kill,
                             a cut, a lease's end in a stopped process, or a Nack or Release, before the next one began; and only if it was held then. What was held is
                             told by order, since confirmations are sent in order: it is the tail of what the consumer was handed, one item at most with Get. An acked lease
                             is never held; one acked in a stream, until that ack has been sent: those of the last half second before a stop are taken as not sent.
        redelivered          deliveries beyond an item's first, all of them for one of those reasons
        handed over again    of these, items that two consumers were handed (Get, ReadAllAsync), or have acked in a stream of leases
        gone with holder     items that one consumer saw and nobody was handed: it was killed or cut between the library's confirmation and the return of the call, or before it
                             knew of its Ack. At most one for each kill or cut.
        longest tail         the most items that one reader was handed and others were given again
        stale leases         leases that a stopped process was handed when they were over
        order violations     an item behind one that was put later (same connection, or its Put had returned before the other began), without a return to explain it: a consumer's
                             row may break once for each other consumer that died, was cut or left meanwhile, and once for each time that a reader gave back. Leases with a failure, or with a holder before, are not counted as
                             behind; else only streams of leases explain a break there, by a kill, a cut, or the end of leases in a stopped process
        longest late         of all calls with a timeout, the longest time beyond it, up to the kill or cut for those that never returned; and of all calls whose pipe was cut, from the
                             cut on. Calls in a process that was stopped itself are not judged, nor those
                             that found the broker gone while plain waits were half a second late, too.
        late plain wait      threads that only sleep 50 ms, in every process: how late they wake is the machine's doing
        longest block        longest late, less what plain waits in the caller's process and in the directing one were late at that time: what is left is the queue's doing
        without a cause      connections that ended though their pipe was not cut
        With --data the queues are on disk, and the broker itself is killed, N times (300), 20 to 400 ms after it was there, and started again on its directory. The other
        processes go on: nothing else is done to them. "lost", "phantom" and "order violations" as above; "acked again" is a lease whose Ack had returned, and which
        anybody was given again later. "came twice" is what may: what was got and not confirmed on the disk yet, and acks of a stream that had not been sent.
        kills, stops, cuts   done to processes that had begun to work, except "while starting"; a stop that was ended by a kill counts as a kill while stopped
        """;
}
