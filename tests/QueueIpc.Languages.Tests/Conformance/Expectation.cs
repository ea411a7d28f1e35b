using System.Text.Json.Nodes;

namespace QueueIpc.Languages.Tests.Conformance;

/// <summary>What a step says of the value that comes back.</summary>
internal static class Expectation
{
    public static void Check(JsonObject step, JsonNode? value)
    {
        if (step["range"] is JsonArray range)
        {
            Assert.Equal(Numbers(range), value!.AsArray().Select(number => (int)number!));
        }

        if (step["ranges"] is JsonArray ranges)
        {
            // Of several producers each has its own numbers, in their order.
            var got = value!.AsArray().Select(number => (int)number!).ToList();
            foreach (var each in ranges.Select(each => each!.AsArray()))
            {
                var (first, count) = ((int)each[0]!, (int)each[1]!);
                Assert.Equal(Numbers(each), got.Where(number => number >= first && number < first + count));
            }
        }

        if (!step.TryGetPropertyValue("value", out var expected))
        {
            return;
        }

        if (expected is JsonObject members && value is JsonObject found && !members.ContainsKey("$bytes"))
        {
            foreach (var (key, member) in members)
            {
                Assert.True(JsonNode.DeepEquals(member, found[key]), $"{key} is {found[key]?.ToJsonString() ?? "null"}");
            }

            return;
        }

        Assert.True(JsonNode.DeepEquals(expected, value), $"it is {value?.ToJsonString() ?? "null"}");
    }

    private static IEnumerable<int> Numbers(JsonArray range) => Enumerable.Range((int)range[0]!, (int)range[1]!);
}
