using System.Buffers;
using System.IO.Pipelines;
using VnaCloud.Archive;
using VnaCloud.Imaging;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.Server.Wado.Pixels;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>Makes pictures of stored frames.</summary>
internal sealed class Painter(FrameDecoder decoder, PictureEncoder encoder)
{
    private static readonly TimeSpan DefaultFrameTime = TimeSpan.FromMilliseconds(100);

    public string? WhyNoJpeg => encoder.WhyNoJpeg;

    /// <summary>Puts a file of <paramref name="mediaType"/> with the frame into <paramref name="file"/>; what of the request is not met in it, or null.</summary>
    /// <exception cref="ImageException">It cannot be shown.</exception>
    public async Task<string?> PaintAsync(
        WadoTarget target, InstanceEntry entry, int frame, RenderedRequest request, string mediaType, IBufferWriter<byte> file, CancellationToken cancellation)
    {
        var image = await StoredImage.PictureAsync(target.Objects, decoder, entry, cancellation);
        var picture = await RenderAsync(image, frame, request.Options, cancellation);
        if (mediaType == MediaTypeNames.Png)
        {
            PngWriter.Write(picture, file);
        }
        else
        {
            await encoder.JpegAsync(picture, request.Quality, file, cancellation);
        }
        return picture.Remark;
    }

    /// <summary>Prepares a GIF of frames of one instance; its first picture is made when this returns.</summary>
    public async Task<Func<PipeWriter, CancellationToken, Task>> AnimationAsync(
        WadoTarget target, IReadOnlyList<(InstanceEntry Entry, int Frame)> shots, RenderedRequest request, CancellationToken cancellation)
    {
        var image = await StoredImage.PictureAsync(target.Objects, decoder, shots[0].Entry, cancellation);
        // A GIF has no place for a profile, and is taken for sRGB.
        var options = request.Options with { Profile = request.Options.Profile == IccChoice.No ? IccChoice.No : IccChoice.Srgb };
        var first = await RenderAsync(image, shots[0].Frame, options, cancellation);
        return async (output, token) =>
        {
            var gif = new GifWriter(output, first.Width, first.Height, FrameTime(image));
            gif.Add(first);
            foreach (var (_, frame) in shots.Skip(1))
            {
                await output.FlushAsync(token);
                gif.Add(await RenderAsync(image, frame, options, token));
            }
            gif.Complete();
            await output.FlushAsync(token);
        };
    }

    private static async Task<Picture> RenderAsync(StoredImage image, int frame, RenderOptions options, CancellationToken cancellation)
    {
        if (options.Viewport is { } viewport && !viewport.Meets(image.Pixels.Columns, image.Pixels.Rows))
        {
            throw new ImageException("The viewport's region lies outside of the image.");
        }
        using var samples = await image.FrameAsync(frame, cancellation);
        return FrameRenderer.Render(samples.Pixels, samples.Bytes.Span, image.Header.DataSet, frame, options);
    }

    // Frame Time (0018,1063) in milliseconds (PS3.3 C.7.6.5).
    private static TimeSpan FrameTime(StoredImage image) =>
        double.TryParse(image.Header.DataSet.String(Dicom.DicomTags.FrameTime), System.Globalization.CultureInfo.InvariantCulture, out var time) && time is >= 10 and <= 10_000
            ? TimeSpan.FromMilliseconds(time) : DefaultFrameTime;
}
