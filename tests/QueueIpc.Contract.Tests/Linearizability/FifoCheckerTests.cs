namespace QueueIpc.Tests.Linearizability;

/// <summary>Histories made by hand, good ones and bad ones: a checker that accepts everything would prove nothing.</summary>
public sealed class FifoCheckerTests
{
    [Fact]
    public void Check_NothingHappened_Accepted() => Accepts(0);

    [Fact]
    public void Check_OneAfterTheOther_Accepted() =>
        Accepts(2, Empty(1, 2), Put(7, 3, 4), Put(8, 5, 6), Full(7, 8), Get(7, 9, 10), Put(9, 11, 12), Get(8, 13, 14), Get(9, 15, 16), Empty(17, 18));

    [Fact]
    public void Check_TwoPutsAtATimeGotInEitherOrder_Accepted()
    {
        Accepts(0, Put(1, 1, 4), Put(2, 2, 3), Get(1, 5, 6), Get(2, 7, 8));
        Accepts(0, Put(1, 1, 4), Put(2, 2, 3), Get(2, 5, 6), Get(1, 7, 8));
    }

    [Fact]
    public void Check_GetDuringItsPut_Accepted() => Accepts(0, Get(1, 1, 4), Put(1, 2, 3));

    [Fact]
    public void Check_EmptyWhileAPutIsUnderWay_Accepted() => Accepts(0, Put(1, 1, 4), Empty(2, 3), Get(1, 5, 6));

    [Fact]
    public void Check_FullWhileAGetIsUnderWay_Accepted() => Accepts(1, Put(1, 1, 2), Get(1, 3, 6), Full(4, 5), Put(2, 7, 8));

    [Fact]
    public void Check_PhantomItem_Refused() => Refuses(0, Put(1, 1, 2), Get(2, 3, 4));

    [Fact]
    public void Check_ItemGotBeforeItWasPut_Refused() => Refuses(0, Get(1, 1, 2), Put(1, 3, 4));

    [Fact]
    public void Check_ItemGotTwice_Refused() => Refuses(0, Put(1, 1, 2), Get(1, 3, 4), Get(1, 5, 6));

    [Fact]
    public void Check_ItemGotTwiceAtATime_Refused() => Refuses(0, Put(1, 1, 2), Get(1, 3, 6), Get(1, 4, 5));

    [Fact]
    public void Check_OrderInverted_Refused() => Refuses(0, Put(1, 1, 2), Put(2, 3, 4), Get(2, 5, 6), Get(1, 7, 8));

    [Fact]
    public void Check_OrderInvertedAcrossClients_Refused() =>
        Refuses(0, Put(1, 1, 4), Put(2, 2, 3), Put(3, 5, 6), Get(3, 7, 8), Get(1, 9, 12), Get(2, 10, 11));

    [Fact]
    public void Check_LostItem_Refused() => Refuses(0, Put(1, 1, 2), Put(2, 3, 4), Get(1, 5, 6), Empty(7, 8));

    [Fact]
    public void Check_FalseEmpty_Refused() => Refuses(0, Put(1, 1, 2), Empty(3, 4), Get(1, 5, 6));

    [Fact]
    public void Check_FalseEmptyWhileAnotherGetIsUnderWay_Refused() =>
        Refuses(0, Put(1, 1, 2), Put(2, 3, 4), Get(1, 5, 8), Empty(6, 7), Get(2, 9, 10));

    [Fact]
    public void Check_FalseFull_Refused() => Refuses(2, Put(1, 1, 2), Full(3, 4));

    [Fact]
    public void Check_FullWithoutACapacity_Refused() => Refuses(0, Full(1, 2));

    [Fact]
    public void Check_PutAboveCapacity_Refused() => Refuses(1, Put(1, 1, 2), Put(2, 3, 4), Get(1, 5, 6));

    private static Operation Put(int value, long start, long end) => new(Kind.Put, value, start, end);

    private static Operation Get(int value, long start, long end) => new(Kind.Get, value, start, end);

    private static Operation Full(long start, long end) => new(Kind.Full, 0, start, end);

    private static Operation Empty(long start, long end) => new(Kind.Empty, 0, start, end);

    private static void Accepts(int capacity, params Operation[] operations) => Assert.True(FifoChecker.IsLinearizable(new History(capacity, operations)));

    private static void Refuses(int capacity, params Operation[] operations) => Assert.False(FifoChecker.IsLinearizable(new History(capacity, operations)));
}
