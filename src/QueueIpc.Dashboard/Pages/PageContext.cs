using Microsoft.AspNetCore.Http;

namespace QueueIpc.Dashboard.Pages;

/// <summary>What a page needs to know beside the broker: where it is, what was asked of it, and what may be seen and done.</summary>
internal sealed record PageContext(string Root, IQueryCollection Query, bool AllowChanges, bool ShowItems, string FormToken, string Endpoint)
{
    public string Get(string key) => Query[key].ToString();

    /// <summary>A hidden field without which no form is heard.</summary>
    public Html TokenField => new Html().Add($"""<input type="hidden" name="__RequestVerificationToken" value="{FormToken}">""");

    public string QueueUrl(string name) => $"{Root}/queue?name={Uri.EscapeDataString(name)}";
}

/// <summary>A page: its regions are made anew with each look at the broker, and only those that became different travel.</summary>
internal interface IPage
{
    string Title { get; }

    string Path { get; }

    /// <summary>The regions in their order, by their id. Whatever it has to ask, it asks before it answers.</summary>
    Task<IReadOnlyList<(string Id, Html Markup)>> RegionsAsync(BrokerView view, CancellationToken ct);
}
