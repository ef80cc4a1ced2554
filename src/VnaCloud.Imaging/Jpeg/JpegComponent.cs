namespace VnaCloud.Imaging;

/// <summary>A component of a frame (T.81 section B.2.2).</summary>
/// <param name="Id">What scans call it; some writers use letters, as in "RGB".</param>
/// <param name="Horizontal">Samples across for the frame's most.</param>
/// <param name="Vertical">Samples downwards for the frame's most.</param>
/// <param name="Quantization">Its quantization table; nothing to lossless processes.</param>
public readonly record struct JpegComponent(byte Id, int Horizontal, int Vertical, int Quantization)
{
    /// <summary>T.81 section B.2.2: sampling factors are 1 to 4.</summary>
    public const int MaxSampling = 4;
}
