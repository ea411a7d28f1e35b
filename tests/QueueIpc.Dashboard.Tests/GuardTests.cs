using System.Net;
using System.Text.RegularExpressions;

namespace QueueIpc.Dashboard.Tests;

/// <summary>Who is let in, without a browser.</summary>
public sealed partial class GuardTests : IAsyncLifetime
{
    private readonly QueueBroker _broker = QueueBroker.Start();
    private readonly HttpClient _http = new(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = true });
    private DashboardHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _host = await DashboardHost.StartAsync(0, options => (options.Endpoint, options.AllowChanges) = (_broker.Endpoint, true));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        _broker.Dispose();
    }

    [Theory]
    [InlineData("/queues")]
    [InlineData("/queues/api/v1/queues")]
    [InlineData("/queues?token=wrong")]
    [InlineData("/queues/assets/dashboard.css")]
    public async Task Get_WithoutTheToken_401(string path) =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync(_host.Origin + path, Ct)).StatusCode);

    [Fact]
    public async Task Token_UsedASecondTime_401()
    {
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(_host.Address, Ct)).StatusCode);
        using var other = new HttpClient();

        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync(_host.Address, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync($"{_host.Origin}/queues", Ct)).StatusCode);
    }

    [Fact]
    public async Task Get_UnderAnotherHostName_IsRefused()
    {
        await _http.GetAsync(_host.Address, Ct);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_host.Origin}/queues") { Headers = { Host = "queues.example.com" } };

        Assert.Equal(HttpStatusCode.Forbidden, (await _http.SendAsync(request, Ct)).StatusCode);
    }

    [Fact]
    public async Task Get_AnyPage_HasAPolicyWithoutInlineAnything()
    {
        var policy = (await _http.GetAsync(_host.Address, Ct)).Headers.GetValues("Content-Security-Policy").Single();

        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_WithoutTheFormsToken_400()
    {
        await _http.GetAsync(_host.Address, Ct);

        var answer = await _http.PostAsync($"{_host.Origin}/queues/queue/change", new FormUrlEncodedContent([new("name", "jobs"), new("do", "delete"), new("confirm", "jobs")]), Ct);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Post_FromAnotherOrigin_403()
    {
        using var jobs = _broker.OpenQueue<string>("jobs");
        await _http.GetAsync(_host.Address, Ct);
        var html = await _http.GetStringAsync($"{_host.Origin}/queues/queue?name=jobs", Ct);
        var token = Token().Match(html).Groups[1].Value;
        Assert.NotEmpty(token);
        var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("name", "jobs"), new("do", "delete"), new("confirm", "jobs")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_host.Origin}/queues/queue/change") { Content = form, Headers = { { "Origin", "http://evil.example.com" } } };

        Assert.Equal(HttpStatusCode.Forbidden, (await _http.SendAsync(request, Ct)).StatusCode);
        Assert.Equal("jobs", jobs.GetInfo().Name);
        Assert.False(jobs.IsCompleted);
    }

    [Fact]
    public async Task Post_ChangesAreNotAllowed_403()
    {
        await using var host = await DashboardHost.StartAsync(0, options => options.Endpoint = _broker.Endpoint);
        await _http.GetAsync(host.Address, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, (await _http.PostAsync($"{host.Origin}/queues/queue/change", new FormUrlEncodedContent([new("name", "jobs")]), Ct)).StatusCode);
    }

    [Fact]
    public async Task Api_Queues_AreWhatTheClientSees()
    {
        using var jobs = _broker.OpenQueue<string>("jobs");
        jobs.Put("a");
        await _http.GetAsync(_host.Address, Ct);

        Assert.Contains("\"name\":\"jobs\",\"label\":\"\",\"capacity\":0,\"ready\":1", await _http.GetStringAsync($"{_host.Origin}/queues/api/v1/queue?name=jobs", Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync($"{_host.Origin}/queues/api/v1/dead?name=nobody", Ct)).StatusCode);
        using var client = QueueClient.Connect(_broker.Endpoint);
        Assert.Equal(["jobs"], client.GetQueues().Select(queue => queue.Name));
    }

    [GeneratedRegex("""__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex Token();
}
