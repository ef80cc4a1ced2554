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
        return file;
    }

    /// <summary>A PNG.</summary>
    public static byte[] Png(Picture picture)
    {
        var file = new ArrayBufferWriter<byte>();
        PngWriter.Write(picture, file);
        return file.WrittenSpan.ToArray();
    }
}
