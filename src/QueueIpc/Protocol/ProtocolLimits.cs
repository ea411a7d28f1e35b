namespace QueueIpc.Protocol;

/// <summary>Figures that both sides know, each with its reason.</summary>
internal static class ProtocolLimits
{
    /// <summary>"QIPC", little endian: tells at once whether the other side speaks this protocol.</summary>
    public const uint Magic = 0x43504951;

    /// <summary>The newest, which a client asks for first.</summary>
    public const ushort Version = 2;

    /// <summary>The oldest that is still spoken.</summary>
    public const ushort VersionMin = 1;

    /// <summary>A frame is at most one item of the largest size, or the receipt for many, and this much for all else.</summary>
    public const int FrameOverheadBytesMax = 64 * 1024;

    /// <summary>Before the greeting nobody needs a large frame.</summary>
    public const int HelloBytesMax = 1024;

    /// <summary>Long enough for any word a person would choose.</summary>
    public const int NameCharsMax = 128;

    /// <summary>Long enough for a sentence or two.</summary>
    public const int ReasonCharsMax = 1024;

    /// <summary>Many small items go in frames of about this size: it is what one write can pass on without waiting.</summary>
    public const int BatchBytes = 60 * 1024;

    /// <summary>A client's random id, which stays the same when it comes back.</summary>
    public const int ProducerBytes = 16;

    /// <summary>"Wait for ever".</summary>
    public const long Forever = -1;
}
