using QueueIpc.Fuzz;
using SharpFuzz;

// README.md beside this file says how it is run: by AFL++, or by itself for so many seconds.
if (args is ["--corpus", var folder])
{
    Corpus.Write(folder);
    return 0;
}

if (args is ["--loop", var seedText, var secondsText])
{
    return Corpus.Loop(int.Parse(seedText, null), int.Parse(secondsText, null));
}

// A fresh broker now and then: queues that are opened by name stay.
const int ConnectionsOfABroker = 1000;
BrokerTarget? target = null;
var connections = 0;
Fuzzer.OutOfProcess.Run(stream =>
{
    using var bytes = new MemoryStream();
    stream.CopyTo(bytes);
    if (connections++ % ConnectionsOfABroker == 0)
    {
        // Not before the fuzzer is there: what is instrumented writes into its memory.
        target?.Dispose();
        target = new BrokerTarget();
    }

    target!.Run(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
});
return 0;
