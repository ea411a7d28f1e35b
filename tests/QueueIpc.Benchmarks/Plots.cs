using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace QueueIpc.Benchmarks;

/// <summary>Draws throughput against the number of consumers, and against the size of items.</summary>
internal static class Plots
{
    public static void Write(string folder, IReadOnlyList<Result> results)
    {
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "consumers.svg"), "PutMany → ReadAllAsync, 64-byte items", "consumer processes", "million items/s", Points(results, All.ConsumersPrefix, (_, rate) => rate / 1e6));
        Write(Path.Combine(folder, "sizes.svg"), "PutMany → ReadAllAsync, one producer, one consumer", "bytes of an item", "MiB/s", Points(results, All.BytesPrefix, (bytes, rate) => bytes * rate / (1 << 20)).Where(point => point.X > 0));
    }

    private static IEnumerable<DataPoint> Points(IReadOnlyList<Result> results, string prefix, Func<double, double, double> value) =>
        from result in results
        where result.Scenario.StartsWith(prefix, StringComparison.Ordinal) && result.Metric == All.Rate
        let x = double.Parse(result.Scenario[prefix.Length..], CultureInfo.InvariantCulture)
        orderby x
        select new DataPoint(x, value(x, result.Median));

    private static void Write(string path, string title, string across, string up, IEnumerable<DataPoint> points)
    {
        if (!points.Any())
        {
            // It was not asked for, and what lies there is better than an empty one.
            return;
        }

        var model = new PlotModel { Title = title, Background = OxyColors.White };
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = across, Base = 2 });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = up, Minimum = 0 });
        var line = new LineSeries { MarkerType = MarkerType.Circle };
        line.Points.AddRange(points);
        model.Series.Add(line);
        using var file = File.Create(path);
        new SvgExporter { Width = 640, Height = 400 }.Export(model, file);
    }
}
