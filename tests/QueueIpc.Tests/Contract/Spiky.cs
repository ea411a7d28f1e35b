namespace QueueIpc.Tests.Contract;

/// <summary>An item that cannot be serialised when its number is negative.</summary>
public sealed class Spiky
{
    private readonly int _number;

    public Spiky()
    {
    }

    public Spiky(int number) => _number = number;

    public int Number
    {
        get => _number >= 0 ? _number : throw new FormatException("a negative number cannot be written");
        init => _number = value;
    }
}
