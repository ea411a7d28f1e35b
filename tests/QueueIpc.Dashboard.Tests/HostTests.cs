using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace QueueIpc.Dashboard.Tests;

/// <summary>The dashboard in somebody else's host, whose users sign in: the host says who may see it.</summary>
public sealed class HostTests : IAsyncLifetime
{
    private readonly QueueBroker _broker = QueueBroker.Start();
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddAuthentication("name").AddScheme<AuthenticationSchemeOptions, ByName>("name", null);
        builder.Services.AddAuthorizationBuilder().AddPolicy("operators", policy => policy.RequireRole("operator"));
        builder.Services.AddQueueIpcDashboard(options => options.Endpoint = _broker.Endpoint);
        _app = builder.Build();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapQueueIpcDashboard("/queues").RequireAuthorization("operators");
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _broker.Dispose();
    }

    [Theory]
    [InlineData("/queues")]
    [InlineData("/queues/queue?name=jobs")]
    [InlineData("/queues/health")]
    [InlineData("/queues/api/v1/queues")]
    [InlineData("/queues/assets/dashboard.js")]
    public async Task Get_BySomebody_IsForThoseWhoMay(string path)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(path, user: null));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(path, "guest"));
        Assert.Equal(HttpStatusCode.OK, await Status(path, "operator"));
    }

    /// <summary>The names of the loopback are for those who do not sign in.</summary>
    [Fact]
    public async Task Get_UnderTheHostsOwnName_IsForThoseWhoMay()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await Status("/queues", user: null, host: "queues.example.com"));
        Assert.Equal(HttpStatusCode.OK, await Status("/queues", "operator", host: "queues.example.com"));
    }

    private async Task<HttpStatusCode> Status(string path, string? user, string? host = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _app.Urls.First() + path) { Headers = { Host = host } };
        if (user is not null)
        {
            request.Headers.Add(ByName.Header, user);
        }

        using var answer = await _http.SendAsync(request, Ct);
        return answer.StatusCode;
    }

    /// <summary>Signs in whoever says a name, and a name is a role.</summary>
    private sealed class ByName(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        public const string Header = "X-User";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers[Header] is not [{ } name])
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var user = new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, name)], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(user), Scheme.Name)));
        }
    }
}
