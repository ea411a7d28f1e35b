using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using QueueIpc.Dashboard.Pages;

namespace QueueIpc.Dashboard;

/// <summary>Which address is which page, and what a page is made of: once whole, then live by its regions.</summary>
internal static class Routes
{
    public static void Map(RouteGroupBuilder group, string path)
    {
        group.MapGet("", (HttpContext http, BrokerWatch watch) => PageAsync(http, watch, path, context => new QueuesPage(context)));
        group.MapGet("/queue", (HttpContext http, BrokerWatch watch) => PageAsync(http, watch, path, context => new QueuePage(context, watch)));
        group.MapGet("/connections", (HttpContext http, BrokerWatch watch) => PageAsync(http, watch, path, context => new ConnectionsPage(context)));
        group.MapGet("/health", (HttpContext http, BrokerWatch watch) => PageAsync(http, watch, path, context => new HealthPage(context)));
        group.MapGet("/assets/{file}", Assets.Get);
        Api.Map(group.MapGroup("/api/v1"));
        Changes.Map(group, path);
    }

    private static async Task<IResult> PageAsync(HttpContext http, BrokerWatch watch, string path, Func<PageContext, IPage> pageOf)
    {
        var context = ContextOf(http, path, watch.Endpoint);
        var page = pageOf(context);
        if (http.Request.Query.ContainsKey("live"))
        {
            return new LiveRegions(page, watch);
        }

        var view = await watch.LookAsync(http.RequestAborted, withConnections: true).ConfigureAwait(false);
        var regions = await page.RegionsAsync(view, http.RequestAborted).ConfigureAwait(false);
        var live = $"{http.Request.PathBase}{http.Request.Path}{http.Request.QueryString.Add("live", "1")}";
        return Results.Content(Layout.Page(context, page, view, regions, live), "text/html; charset=utf-8");
    }

    private static PageContext ContextOf(HttpContext http, string path, string endpoint)
    {
        var options = http.RequestServices.GetRequiredService<IOptions<QueueIpcDashboardOptions>>().Value;
        var token = options.AllowChanges ? http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http).RequestToken! : string.Empty;
        return new PageContext($"{http.Request.PathBase}{path}", http.Request.Query, options.AllowChanges, options.ShowItems, token, endpoint);
    }
}
