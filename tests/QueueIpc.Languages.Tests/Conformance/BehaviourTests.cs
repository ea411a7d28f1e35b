using System.Text.Json.Nodes;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Languages.Tests.Conformance;

/// <summary>What every client does, whatever its language: the cases of tests/conformance/behaviour.json.</summary>
public sealed class BehaviourTests(Stages stages) : IClassFixture<Stages>
{
    private static readonly JsonArray All = JsonNode.Parse(Repository.Read("tests/conformance/behaviour.json"))!.AsArray();

    public static TheoryData<string, string> Cases =>
        [.. from language in (string[])["Dotnet", "Python", "Node"] from each in All where each["not"]?[language] is null select (language, (string)each["name"]!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Client_DoesAsItsCaseSays(string language, string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && language == "Python", "the Python client connects over Unix domain sockets");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the cases stop processes, which Windows has no signal for");
        var found = All.Single(each => (string)each!["name"]! == name)!.AsObject();
        if (found["own broker"] is null)
        {
            await new Case(stages[language, isDurable: (bool?)found["durable"] ?? false]).Run(found["steps"]!.AsArray());
            return;
        }

        using var stage = new Stage(language);
        await new Case(stage).Run(found["steps"]!.AsArray());
    }
}
