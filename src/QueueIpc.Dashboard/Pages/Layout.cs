namespace QueueIpc.Dashboard.Pages;

/// <summary>What is around every page.</summary>
internal static class Layout
{
    private static readonly (string Path, string Title)[] Places = [("", "Queues"), ("/connections", "Connections"), ("/health", "Health")];

    public static string Page(PageContext context, IPage page, BrokerView view, IReadOnlyList<(string Id, Html Markup)> regions, string liveUrl)
    {
        var html = new Html().Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{page.Title} · QueueIpc</title>
            <link rel="icon" href="{context.Root}/assets/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="{context.Root}/assets/dashboard.css">
            <script src="{context.Root}/assets/dashboard.js" defer></script>
            </head>
            <body data-live="{liveUrl}">
            <a class="skip" href="#main">Skip to the content</a>
            <header class="top">
            <a class="brand" href="{context.Root}">QueueIpc</a>
            <nav aria-label="Pages"><ul>
            """);
        html.AddEach(Places, (to, place) => to.Add($"""<li><a href="{context.Root + place.Path}"{Current(page.Path == place.Path)}>{place.Title}</a></li>"""));
        html.Add($"""
            </ul></nav>
            <p class="broker" title="{context.Endpoint}"><span class="dim">Broker</span> {Short(context.Endpoint)}</p>
            </header>
            <div id="banner" class="banner" role="status" aria-live="polite">{Banner(view)}</div>
            <main id="main" tabindex="-1">
            """);
        html.AddEach(regions, (to, region) => to.Add($"""<div id="{region.Id}" data-region>{region.Markup}</div>"""));
        return html.Add($"</main></body></html>").ToString();
    }

    public static Html Banner(BrokerView view) => view.Problem is { } problem
        ? new Html().Add($"""<p class="problem"><strong>The broker does not answer.</strong> What you see is what was seen last; it is looked for again and again. <span class="dim">{problem}</span></p>""")
        : new Html();

    private static Html Current(bool isCurrent) => isCurrent ? new Html().Add($""" aria-current="page" """) : new Html();

    private static string Short(string endpoint) => Path.GetFileNameWithoutExtension(endpoint);
}
