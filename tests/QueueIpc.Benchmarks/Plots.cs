using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
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
        foreach (var scenario in results.Select(result => result.Scenario).Where(name => name.StartsWith(All.LatencyPrefix, StringComparison.Ordinal)).Distinct())
        {
            WriteLatency(folder, results, scenario);
        }
    }

    /// <summary>What so much of all items took at most, for each system: a line that stays low to the right has no stalls.</summary>
    private static void WriteLatency(string folder, IReadOnlyList<Result> results, string scenario)
    {
        var shown = results.Where(result => result.Scenario == scenario && result.Unit == "µs").ToArray();
        if (shown.Length == 0)
        {
            return;
        }

        var perSecond = int.Parse(scenario[All.LatencyPrefix.Length..], CultureInfo.InvariantCulture);
        var model = new PlotModel { Title = $"From put to got, {perSecond.ToString("#,0", CultureInfo.InvariantCulture)} items a second", Background = OxyColors.White };
        var across = new CategoryAxis { Position = AxisPosition.Bottom, Title = "of all items", IsTickCentered = true };
        across.Labels.AddRange(shown.Select(result => result.Metric).Distinct());
        model.Axes.Add(across);
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "µs at most" });
        foreach (var system in shown.GroupBy(result => result.System))
        {
            var line = new LineSeries { Title = system.Key, MarkerType = MarkerType.Circle };
            line.Points.AddRange(system.Select((result, i) => new DataPoint(i, Math.Max(1, result.Median))));
            model.Series.Add(line);
        }

        model.Legends.Add(new Legend { LegendPosition = LegendPosition.LeftTop });
        Export(Path.Combine(folder, $"{scenario}.svg"), model);
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
        Export(path, model);
    }

    private static void Export(string path, PlotModel model)
    {
        using var file = File.Create(path);
        new SvgExporter { Width = 640, Height = 400 }.Export(model, file);
    }
}
