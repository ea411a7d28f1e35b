using System.Globalization;
using System.Text;
using QueueIpc.Cli.Output;

namespace QueueIpc.Dashboard.Pages;

/// <summary>Lines through samples, as SVG that needs no script. Next to each stands in numbers what it shows.</summary>
internal static class Charts
{
    private const int SparkWidth = 120;
    private const int SparkHeight = 24;
    private const int Width = 600;
    private const int Height = 140;

    /// <summary>Two minutes of items in and out, for a row of a table.</summary>
    public static Html Spark(QueueHistory? history)
    {
        if (history is null)
        {
            return new Html();
        }

        var samples = history.Minutes.ToArray();
        var max = Math.Max(1, samples.Select(sample => Math.Max(sample.In, sample.Out)).DefaultIfEmpty(0).Max());
        var (put, taken) = (Points(samples, sample => sample.In, max, QueueHistory.MinutesSamples, SparkWidth, SparkHeight, step: 4), Points(samples, sample => sample.Out, max, QueueHistory.MinutesSamples, SparkWidth, SparkHeight, step: 4));
        return new Html().Add($"""<svg class="spark" viewBox="0 0 {SparkWidth} {SparkHeight}" width="{SparkWidth}" height="{SparkHeight}" aria-hidden="true" focusable="false"><polyline class="in" points="{put}"/><polyline class="out" points="{taken}"/></svg>""");
    }

    /// <summary>A chart with its highest value and what its lines end with.</summary>
    public static Html Chart(string title, string span, Sample[] samples, int size, string unit, params (string Name, string Class, Func<Sample, float> Value)[] lines)
    {
        var max = lines.Max(line => samples.Select(line.Value).DefaultIfEmpty(0).Max());
        var scale = Math.Max(max, 1);
        var html = new Html().Add($"""<figure class="chart"><figcaption><strong>{title}</strong> <span class="dim">{span}</span>""");
        html.AddEach(lines, (to, line) => to.Add($"""<span class="key {line.Class}">{line.Name} <b>{Words.Number(samples.Length == 0 ? 0 : (double)line.Value(samples[^1]))}</b>{unit}</span>"""));
        html.Add($"""<span class="dim">highest {Words.Number((double)max)}{unit}</span></figcaption><svg viewBox="0 0 {Width} {Height}" preserveAspectRatio="none" aria-hidden="true" focusable="false"><line class="grid" x1="0" x2="{Width}" y1="{Height / 2}" y2="{Height / 2}"/>""");
        html.AddEach(lines, (to, line) => to.Add($"""<polyline class="{line.Class}" points="{Points(samples, line.Value, scale, size, Width, Height, step: 1)}"/>"""));
        return html.Add($"</svg></figure>");
    }

    /// <summary>The newest sample is at the right; a step of several shows the highest of them.</summary>
    private static string Points(Sample[] samples, Func<Sample, float> value, float max, int size, int width, int height, int step)
    {
        var points = new StringBuilder();
        for (var end = samples.Length; end > 0; end -= step)
        {
            var begin = Math.Max(0, end - step);
            var highest = samples[begin..end].Max(value);
            var x = width - ((samples.Length - end) * (double)width / size);
            points.Append(CultureInfo.InvariantCulture, $"{x:0.#},{height - 1 - (highest / max * (height - 2)):0.#} ");
        }

        return points.ToString();
    }
}
