using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

/// <summary>A client that comes back on another connection puts again what was not answered.</summary>
public sealed class NumberedPutTests : IDisposable
{
    private const uint Queue = 1;

    private readonly SessionBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Put_AgainOnAnotherConnection_IsAnsweredAndNotAcceptedAgain()
    {
        var id = Guid.NewGuid();
        var first = Connect(id);
        Assert.Equal(Op.Done, Put(first, age: 0).Op);

        var second = Connect(id);

        Assert.Equal(Op.Done, Put(second, age: 1000).Op);
        Assert.Equal(Op.Items, Get(second).Op);
        Assert.Equal(Op.Empty, Get(second).Op);
    }

    [Fact]
    public void Put_AgainByAClientThatWasForgotten_IsTooLate()
    {
        const long AnHour = QueueMachine.ProducerTime;
        for (var i = 0; i <= QueueMachine.ProducersMax; i++)
        {
            Put(Connect(IdOf(i)), age: 0);
        }

        var answer = Put(Connect(IdOf(0)), age: AnHour);

        Assert.Equal((Op.Refused, ErrorCode.TooLate), (answer.Op, (ErrorCode)new BodyReader(answer.Body).UInt16()));
        Assert.Equal(Op.Done, Put(Connect(IdOf(QueueMachine.ProducersMax)), age: AnHour).Op);
    }

    private static Guid IdOf(int client) => new(client, 0, 0, new byte[8]);

    private static WireFrame Put(SessionClient client, long age) =>
        client.AskOne(Op.Put, Queue, 10, FrameHeader.NumberedFlag, to => EveryFrame.NumberedPut(to, 0, 1, 1, age, [7]));

    private static WireFrame Get(SessionClient client) => client.AskOne(Op.Get, Queue, 11, write: to => EveryFrame.Wait(to, 0, 1));

    private SessionClient Connect(Guid id)
    {
        var client = _broker.Connect();
        client.Ask(Op.Hello, 0, 1, write: to =>
        {
            EveryFrame.Hello(to, version: 2);
            to.Copy(id.ToByteArray());
        });
        client.Ask(Op.Open, 0, 2, write: to => EveryFrame.OpenAs(to, "jobs", null));
        return client;
    }
}
