using System.Net;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace QueueIpc.Dashboard;

/// <summary>Who may ask, and what: before any page is made, or anything is changed.</summary>
internal sealed partial class Guard(IAntiforgery antiforgery, IOptions<QueueIpcDashboardOptions> options, ILogger<Guard> logger)
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private static readonly string[] LoopbackNames = ["localhost", "127.0.0.1", "[::1]"];
    private int _said;

    /// <summary>Once the host has said all about the endpoints: whether somebody has to sign in.</summary>
    public void SayWhoMayCome(EndpointBuilder endpoint)
    {
        if (!endpoint.Metadata.OfType<IAuthorizeData>().Any() && Interlocked.Exchange(ref _said, 1) == 0)
        {
            LoopbackOnly(logger);
        }
    }

    public async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        // Not no-referrer: with that, a browser hides the origin of our own forms as well.
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        if (http.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is null && Stranger(http) is { } refusal)
        {
            return Refuse(StatusCodes.Status403Forbidden, refusal);
        }

        if (!HttpMethods.IsPost(http.Request.Method))
        {
            return await next(invocation).ConfigureAwait(false);
        }

        if (http.Request.Headers.Origin is [{ } origin, ..] && origin != $"{http.Request.Scheme}://{http.Request.Host}")
        {
            return Refuse(StatusCodes.Status403Forbidden, "This comes from a page of another origin.");
        }

        if (!options.Value.AllowChanges)
        {
            return Refuse(StatusCodes.Status403Forbidden, "This dashboard is for looking only (AllowChanges).");
        }

        return await antiforgery.IsRequestValidAsync(http).ConfigureAwait(false)
            ? await next(invocation).ConfigureAwait(false)
            : Refuse(StatusCodes.Status400BadRequest, "The form is too old, or not one of this dashboard. Load the page anew.");
    }

    /// <summary>A page elsewhere can have its own name lead to this machine: then the request is from here, and its Host is not.</summary>
    private static string? Stranger(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address) ? "The dashboard answers this machine only, unless its host requires authorization."
        : !LoopbackNames.Contains(http.Request.Host.Host, StringComparer.OrdinalIgnoreCase) ? "The dashboard answers under the names of the loopback only: localhost, 127.0.0.1, [::1]."
        : null;

    private static IResult Refuse(int status, string why) => Results.Text(why, "text/plain; charset=utf-8", statusCode: status);

    [LoggerMessage(301, LogLevel.Information, "The dashboard requires no authorization: it answers requests from this machine only")]
    private static partial void LoopbackOnly(ILogger logger);
}
