namespace QueueIpc.Core.Tests.Support;

/// <summary>Deliveries item by item, however many came together.</summary>
internal static class SingleItems
{
    public static IEnumerable<Effect> Singly(this IEnumerable<Effect> effects) =>
        effects.SelectMany(effect => effect.Kind == EffectKind.Delivered ? Split(effect) : [effect]);

    private static IEnumerable<Effect> Split(Effect effect)
    {
        var rest = effect.Items;
        while (true)
        {
            var first = rest.Reaching(1, long.MaxValue);
            yield return effect with { Count = 1, Items = first };
            if (rest.Count == 1)
            {
                yield break;
            }

            rest = rest.Behind(first);
        }
    }
}
