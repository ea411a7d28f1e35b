using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using QueueIpc.Dashboard.Pages;

namespace QueueIpc.Dashboard;

/// <summary>A page's regions as server-sent events: with each look at the broker those that became different, as JSON of their ids and their markup.</summary>
internal sealed class LiveRegions(IPage page, BrokerWatch watch) : IResult
{
    private static readonly byte[] Begin = "data: "u8.ToArray();
    private static readonly byte[] End = "\n\n"u8.ToArray();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, ct) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = "text/event-stream";
        var shown = new Dictionary<string, string>();
        try
        {
            await foreach (var view in watch.WatchAsync(ct).ConfigureAwait(false))
            {
                var regions = await page.RegionsAsync(view, ct).ConfigureAwait(false);
                if (Changed([.. regions, ("banner", Layout.Banner(view))], shown) is { } message)
                {
                    await response.Body.WriteAsync(Begin, ct).ConfigureAwait(false);
                    await response.Body.WriteAsync(message, ct).ConfigureAwait(false);
                    await response.Body.WriteAsync(End, ct).ConfigureAwait(false);
                    await response.Body.FlushAsync(ct).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed.
        }
    }

    private static ReadOnlyMemory<byte>? Changed(IEnumerable<(string Id, Html Markup)> regions, Dictionary<string, string> shown)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes);
        var any = false;
        json.WriteStartObject();
        foreach (var (id, markup) in regions)
        {
            var html = markup.ToString();
            if (!shown.TryGetValue(id, out var before) || before != html)
            {
                shown[id] = html;
                json.WriteString(id, html);
                any = true;
            }
        }

        json.WriteEndObject();
        json.Flush();
        return any ? bytes.WrittenMemory : null;
    }
}
