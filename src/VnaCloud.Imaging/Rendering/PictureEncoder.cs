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
    /// <param name="cancellation">Stops waiting for a worker.</param>
    public async Task<byte[]> JpegAsync(Picture picture, int quality, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var image = new CodecImage(picture.Width, picture.Height, picture.Channels, 8, quality > DefaultQuality ? CodecFlags.FullChroma : CodecFlags.None);
        var capacity = (int)Math.Min(int.MaxValue, picture.Samples.Length * 2L + 64 * 1024);
        byte[] file = [];
        await pool.RunAsync(new CodecJob(CodecKind.Jpeg, Encode: true, image, quality, capacity), picture.Samples, (_, bytes) => file = bytes.ToArray(), cancellation);
        return picture.Profile.IsEmpty ? file : WithProfile(file, picture.Profile.Span);
    }

    // In APP2 segments behind SOI, numbered from 1 (ICC.1 B.4).
    private static byte[] WithProfile(byte[] jpeg, ReadOnlySpan<byte> profile)
    {
        const int most = 65_519, head = 18;
        var count = (profile.Length + most - 1) / most;
        var file = new ArrayBufferWriter<byte>(jpeg.Length + profile.Length + head * count);
        file.Write(jpeg.AsSpan(0, 2));
        for (var i = 0; i < count; i++)
        {
            var part = profile[(i * most)..Math.Min(profile.Length, (i + 1) * most)];
            var length = part.Length + head - 2;
            file.Write<byte>([0xFF, 0xE2, (byte)(length >> 8), (byte)length]);
            file.Write("ICC_PROFILE\0"u8);
            file.Write<byte>([(byte)(i + 1), (byte)count]);
            file.Write(part);
        }
        file.Write(jpeg.AsSpan(2));
        return file.WrittenSpan.ToArray();
    }

    /// <summary>A PNG.</summary>
    public static byte[] Png(Picture picture)
    {
        var file = new ArrayBufferWriter<byte>();
        PngWriter.Write(picture, file);
        return file.WrittenSpan.ToArray();
    }
}
