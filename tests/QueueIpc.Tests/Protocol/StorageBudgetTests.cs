using QueueIpc.Broker;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Protocol;

public sealed class StorageBudgetTests
{
    private readonly StorageBudget _budget;
    private int _freed;

    public StorageBudgetTests() => _budget = new StorageBudget(100, () => _freed++);

    [Fact]
    public void TryTake_MoreThanIsLeft_RefusedAndNobodyIsToldThatSomeCameFree()
    {
        Assert.True(_budget.TryTake(60));

        Assert.False(_budget.TryTake(41));

        // Whoever waits would try again at once, be refused again, and so on for ever.
        Assert.Equal(0, _freed);
        Assert.True(_budget.TryTake(40));
    }

    [Fact]
    public void GiveBack_AfterARefusal_ToldOnce()
    {
        _budget.TryTake(100);
        _budget.GiveBack(10);
        Assert.Equal(0, _freed);
        Assert.False(_budget.TryTake(11));

        _budget.GiveBack(1);
        _budget.GiveBack(1);

        Assert.Equal(1, _freed);
        Assert.True(_budget.TryTake(12));
    }

    [Fact]
    public async Task TryTake_ManyAtATime_NeverMoreThanThereIsAndNobodyWaitsForWhatIsThere()
    {
        const int Rounds = 20_000;
        using var freed = new SemaphoreSlim(0);
        var (budget, used, most) = (default(StorageBudget)!, 0, 0);
        budget = new StorageBudget(3, () => freed.Release());

        // One waits whenever it is refused, the others do not: there is nobody to tell twice.
        var threads = Enumerable.Range(0, 3).Select(number => Run.OnThread(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                while (!budget.TryTake(2))
                {
                    if (number == 0)
                    {
                        Assert.True(freed.Wait(Times.Long), "there was room, and nobody was told");
                    }
                    else
                    {
                        Thread.Yield();
                    }
                }

                most = Math.Max(most, Interlocked.Add(ref used, 2));
                Interlocked.Add(ref used, -2);
                budget.GiveBack(2);
            }
        })).ToArray();

        await Task.WhenAll(threads).WaitAsync(Times.Long);
        Assert.Equal(2, most);
    }
}
