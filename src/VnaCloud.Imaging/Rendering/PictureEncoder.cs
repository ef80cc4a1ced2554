using System.Buffers;

namespace VnaCloud.Imaging;

/// <summary>Pictures as files that browsers show.</summary>
public sealed class PictureEncoder(CodecPool pool)
{
    /// <summary>Quality at which JPEG pictures are made where nobody asks for another.</summary>
    public const int DefaultQuality = 90;

    /// <summary>Null when JPEG can be made; else a sentence that says why not.</summary>
    public string? WhyNoJpeg => pool.WhyNot;

    /// <summary>A baseline JPEG; colours above quality 90 keep their full resolution.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="quality">1 to 100.</param>
    /// <param name="output">Gets the file.</param>
    /// <param name="cancellation">Stops waiting for a worker.</param>
    public Task JpegAsync(Picture picture, int quality, IBufferWriter<byte> output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(output);
        var image = new CodecImage(picture.Width, picture.Height, picture.Channels, 8, quality > DefaultQuality ? CodecFlags.FullChroma : CodecFlags.None);
        var capacity = (int)Math.Min(int.MaxValue, picture.Samples.Length * 2L + 64 * 1024);
        return pool.RunAsync(new CodecJob(CodecKind.Jpeg, Encode: true, image, quality, capacity), picture.Samples, (_, jpeg) => Write(jpeg, picture.Profile.Span, output), cancellation);
    }

    // The profile in APP2 segments behind SOI, numbered from 1 (ICC.1 B.4).
    private static void Write(ReadOnlySpan<byte> jpeg, ReadOnlySpan<byte> profile, IBufferWriter<byte> file)
    {
        const int soi = 2, most = 65_519, head = 18;
        var count = (profile.Length + most - 1) / most;
        file.Write(jpeg[..soi]);
        for (var i = 0; i < count; i++)
        {
            var part = profile[(i * most)..Math.Min(profile.Length, (i + 1) * most)];
            var length = part.Length + head - 2;
            file.Write<byte>([0xFF, 0xE2, (byte)(length >> 8), (byte)length]);
            file.Write("ICC_PROFILE\0"u8);
            file.Write<byte>([(byte)(i + 1), (byte)count]);
            file.Write(part);
        }
        file.Write(jpeg[soi..]);
    }
}
