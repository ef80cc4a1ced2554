namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>What a picture or video says of itself.</summary>
internal sealed record ImageHeader
{
    public required int Rows { get; init; }

    public required int Columns { get; init; }

    /// <summary>1 or 3.</summary>
    public required int Samples { get; init; }

    /// <summary>Bits of a sample, 1 to 16.</summary>
    public required int Bits { get; init; }

    public bool IsSigned { get; init; }

    /// <summary>As PS3.3 C.7.6.3.1.2 has it for what is stored.</summary>
    public required string Photometric { get; init; }

    /// <summary>UID of the transfer syntax; null where the pixels are native.</summary>
    public string? TransferSyntax { get; init; }

    /// <summary>Lossy Image Compression Method (PS3.3 C.7.6.1.1.5.1), null where nothing was lost.</summary>
    public string? LossyMethod { get; init; }

    public bool IsVideo { get; init; }

    /// <summary>Frames of a video; 0 where it does not say.</summary>
    public int Frames { get; init; }

    /// <summary>Milliseconds from one frame of a video to the next; 0 where it does not say.</summary>
    public double FrameTime { get; init; }
}
