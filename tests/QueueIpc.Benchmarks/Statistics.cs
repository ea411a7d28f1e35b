using System.Diagnostics;

namespace QueueIpc.Benchmarks;

internal static class Statistics
{
    /// <summary>So long whatever is timed call by call runs before that: until then it is the compiler that is measured.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>How long one call takes, in microseconds: the median of so many.</summary>
    public static double MedianMicros(int count, Action act) => Median(Micros(count, act));

    /// <summary>How long each of so many calls takes, in microseconds.</summary>
    public static double[] Micros(int count, Action act)
    {
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < WarmUp;)
        {
            act();
        }

        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            act();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return times;
    }

    /// <summary>So much of all values is no larger than this.</summary>
    public static double Quantile(IEnumerable<double> values, double part)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)((sorted.Length - 1) * part)];
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
