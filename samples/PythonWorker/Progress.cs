/// <summary>What a worker says: first that it has a file in hand, then how many words are in it.</summary>
/// <param name="Worker">Its language and process.</param>
/// <param name="File">The file's path.</param>
/// <param name="Words">How many words it has; null at the beginning.</param>
internal sealed record Progress(string Worker, string File, int? Words = null)
{
    public string Language => Worker.Split(' ')[0];
}
