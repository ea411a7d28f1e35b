using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace QueueIpc.Dashboard;

/// <summary>
/// The dashboard by itself, on the loopback. Whoever has the token in its address gets a cookie for it, once: from then on the address is of no use to anybody else.
/// </summary>
internal sealed class DashboardHost : IAsyncDisposable
{
    private const string CookieName = "queueipc-dashboard";
    private readonly WebApplication _app;
    private readonly byte[] _cookie = Encoding.ASCII.GetBytes(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
    private readonly string _token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)).ToLowerInvariant();
    private int _isTokenUsed;

    private DashboardHost(int port, Action<QueueIpcDashboardOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddQueueIpcDashboard(configure);
        _app = builder.Build();
        _app.Use(CheckTokenAsync);
        _app.MapQueueIpcDashboard("/queues");
    }

    /// <summary>With the token in it.</summary>
    public string Address => $"{Origin}/queues?token={_token}";

    public string Origin => _app.Urls.First();

    public static async Task<DashboardHost> StartAsync(int port, Action<QueueIpcDashboardOptions> configure)
    {
        var host = new DashboardHost(port, configure);
        await host._app.StartAsync().ConfigureAwait(false);
        return host;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task CheckTokenAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Cookies.TryGetValue(CookieName, out var cookie) && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(cookie), _cookie))
        {
            return next(http);
        }

        if (http.Request.Query["token"] is [{ } token] && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(_token))
            && Interlocked.Exchange(ref _isTokenUsed, 1) == 0)
        {
            http.Response.Cookies.Append(CookieName, Encoding.ASCII.GetString(_cookie), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
            http.Response.Redirect("/queues");
            return Task.CompletedTask;
        }

        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync("Open the address that 'queueipc dashboard' printed; it is good for one browser. For another one start the command again.");
    }
}
