namespace VnaCloud.Imaging;

/// <summary>Which of the three kinds of pixel data the bytes of a frame are.</summary>
public enum SampleKind
{
    /// <summary>Pixel Data (7FE0,0010): integers as the Image Pixel Module says (PS3.3 C.7.6.3).</summary>
    Integer,

    /// <summary>Float Pixel Data (7FE0,0008): 32 bits IEEE 754 (PS3.3 C.7.6.24).</summary>
    Float,

    /// <summary>Double Float Pixel Data (7FE0,0009): 64 bits IEEE 754 (PS3.3 C.7.6.25).</summary>
    Double,
}

/// <summary>Whether an image's graphic overlays are in its picture.</summary>
public enum OverlayChoice
{
    /// <summary>As the image's maker meant it.</summary>
    Shown,

    /// <summary>The pixels alone.</summary>
    Hidden,
}

/// <summary>What a client may say about a rendered frame (PS3.18 section 8.3.5.1).</summary>
public sealed record RenderOptions
{
    /// <summary>As the instance itself says.</summary>
    public static readonly RenderOptions Default = new();

    /// <summary>Whether colour pictures carry a profile, and in which space they are. Default none.</summary>
    public IccChoice Profile { get; init; }

    /// <summary>The window to look through instead of the instance's own; of no effect on colour (PS3.18 section 8.3.5.1.4).</summary>
    public VoiWindow? Window { get; init; }

    /// <summary>The part to show and the size to show it in; null is all of it, in its own size (PS3.18 section 8.3.5.1.3).</summary>
    public Viewport? Viewport { get; init; }

    /// <summary>What is written into the picture. Default nothing.</summary>
    public Annotations Annotations { get; init; }

    /// <summary>Whether graphic overlays are drawn. Default they are.</summary>
    public OverlayChoice Overlays { get; init; }

    /// <summary>
    /// The kind of pixel data; null where the data set tells: by which of (7FE0,0008), (7FE0,0009) and (7FE0,0010) it has, be it only
    /// located. To be said for a header that was cut off before them.
    /// </summary>
    public SampleKind? Samples { get; init; }
}
