// The tests start processes and measure timeouts; one after the other, they do not disturb each other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
