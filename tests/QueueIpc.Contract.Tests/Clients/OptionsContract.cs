using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Clients;

/// <summary>What a queue may be called, and what it may be like.</summary>
public abstract class OptionsContract(QueueSource source) : QueueContract(source)
{
    public static TheoryData<string, string> NoNames => new()
    {
        { string.Empty, "empty" },
        { new string('x', 129), "129" },
        { "a\nb", "position 1" },
        { "\0", "position 0" },
        { "tab\t", "position 3" },
        { "del\u007f", "position 3" },
    };

    [Theory]
    [MemberData(nameof(NoNames))]
    public void Open_NoName_SaysWhatIsWrongWithIt(string name, string says)
    {
        var error = Assert.Throws<ArgumentException>(() => Open<int>(name));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal("name", error.ParamName);
    }

    [Theory]
    [InlineData("x")]
    [InlineData(" ")]
    [InlineData("jobs/high priority")]
    [InlineData("Grüße 你好 😀")]
    [InlineData("~not unnamed")]
    public void Open_AnyOtherName_IsTheQueuesName(string name)
    {
        using var queue = Open<int>(name);
        using var other = Open<int>(name);

        queue.Put(1);

        Assert.Equal(name, queue.Name);
        Assert.Equal(name, other.GetInfo().Name);
        Assert.Equal(1, other.Get(TimeSpan.Zero));
    }

    [Fact]
    public void Open_LongestName_IsTheQueuesName()
    {
        using var queue = Open<int>(new string('你', 128));

        Assert.Equal(128, queue.GetInfo().Name.Length);
    }

    [Fact]
    public void Open_NamesThatDifferInCaseOrForm_AreDifferentQueues()
    {
        using var lower = Open<int>("queue");
        using var upper = Open<int>("Queue");

        lower.Put(1);

        Assert.Equal(0, upper.Count);
    }

    [Fact]
    public void Open_ExistingQueueWithoutOptions_TakesItAsItIs()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 7, MaxBytes = 1000, LeaseTime = TimeSpan.FromSeconds(5), MaxFailures = 2 });

        using var other = Another(queue);

        Assert.Equal((7, 7), (other.Capacity, other.GetInfo().Capacity));
    }

    [Fact]
    public void Open_ExistingQueueWithTheSameOptions_IsFine()
    {
        var options = new QueueOptions { Capacity = 7, LeaseTime = Timeout.InfiniteTimeSpan };
        using var queue = Create<int>(options);

        using var other = Open<int>(queue.Name, options with { });

        Assert.Equal(7, other.Capacity);
    }

    [Theory]
    [InlineData("Capacity", "7", "8")]
    [InlineData("MaxBytes", "1000", "1001")]
    [InlineData("MaxFailures", "2", "3")]
    [InlineData("LeaseTime", "5", "6")]
    public void Open_ContradictingOptions_NamesBothValues(string option, string mine, string wanted)
    {
        var options = new QueueOptions { Capacity = 7, MaxBytes = 1000, LeaseTime = TimeSpan.FromSeconds(5), MaxFailures = 2 };
        using var queue = Create<int>(options);
        var others = option switch
        {
            "Capacity" => options with { Capacity = 8 },
            "MaxBytes" => options with { MaxBytes = 1001 },
            "MaxFailures" => options with { MaxFailures = 3 },
            _ => options with { LeaseTime = TimeSpan.FromSeconds(6) },
        };

        var error = Assert.Throws<InvalidOperationException>(() => Open<int>(queue.Name, others));

        Assert.Contains($"'{queue.Name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(option, error.Message, StringComparison.Ordinal);
        Assert.Contains(mine, error.Message, StringComparison.Ordinal);
        Assert.Contains(wanted, error.Message, StringComparison.Ordinal);
        queue.Put(1);
        Assert.Equal(1, queue.Get());
    }

    [Fact]
    public void Create_OptionsOutOfRange_ArgumentOutOfRange()
    {
        Assert.Equal("Capacity", Refused(new QueueOptions { Capacity = -1 }));
        Assert.Equal("MaxBytes", Refused(new QueueOptions { MaxBytes = -1 }));
        Assert.Equal("MaxFailures", Refused(new QueueOptions { MaxFailures = -1 }));
        Assert.Equal("MaxFailures", Refused(new QueueOptions { MaxFailures = 65_536 }));
        Assert.Equal("LeaseTime", Refused(new QueueOptions { LeaseTime = TimeSpan.Zero }));
        Assert.Equal("LeaseTime", Refused(new QueueOptions { LeaseTime = TimeSpan.FromMilliseconds(-2) }));

        string? Refused(QueueOptions options) => Assert.Throws<ArgumentOutOfRangeException>(() => Create<int>(options)).ParamName;
    }

    [Fact]
    public void MaxFailures_Zero_NeverDies()
    {
        using var queue = Create<int>(new QueueOptions { MaxFailures = 0 });
        queue.Put(1);

        for (var i = 0; i < 20; i++)
        {
            queue.Lease(TimeSpan.Zero).Nack();
        }

        Assert.Equal((1, 0), (queue.Count, queue.GetInfo().Dead));
    }
}

public sealed class OptionsContractInProcess() : OptionsContract(new InProcess());

public sealed class OptionsContractOverPipe() : OptionsContract(new OverPipe());
