namespace VnaCloud.Imaging;

/// <summary>What a worker can decode and encode.</summary>
internal enum CodecKind : uint
{
    Jpeg = 1,
    JpegLs = 2,
    Jpeg2000 = 3,
    HighThroughput = 4,
}

[Flags]
internal enum CodecFlags : uint
{
    None = 0,

    /// <summary>Samples are two's complement.</summary>
    Signed = 1,

    /// <summary>Decoding JPEG: YCbCr to RGB; encoding: the codec's own transform (RCT, YCbCr).</summary>
    ColourTransform = 2,

    /// <summary>Encoding JPEG: chroma at full resolution.</summary>
    FullChroma = 4,
}

/// <summary>The samples of a frame as workers give and take them: those of a pixel next to each other, little endian, one byte for up to 8 bits, else two.</summary>
internal readonly record struct CodecImage(int Width, int Height, int Samples, int Bits, CodecFlags Flags)
{
    public int BytesOfSample => Bits <= 8 ? 1 : 2;

    public long Length => (long)Width * Height * Samples * BytesOfSample;
}

/// <summary>One frame to decode (<see cref="Image"/> says the flags only), or to encode.</summary>
/// <param name="Kind">The codec.</param>
/// <param name="Encode">Else decode.</param>
/// <param name="Image">Encode: what the input holds.</param>
/// <param name="Parameter">JPEG quality 1 to 100; JPEG-LS NEAR.</param>
/// <param name="Capacity">Bytes that the output may take.</param>
internal readonly record struct CodecJob(CodecKind Kind, bool Encode, CodecImage Image, int Parameter, int Capacity);
