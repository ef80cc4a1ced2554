using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>
/// From a native frame to a picture, as a softcopy presentation without a presentation state would show it (PS3.4 Annex N.2), with its graphic
/// overlays. Not shown: supplemental palettes, shutters.
/// </summary>
public static class FrameRenderer
{
    /// <summary>Renders a frame.</summary>
    /// <param name="pixels">How the samples lie.</param>
    /// <param name="frame">The frame: decoded, little endian, its first sample at the first bit of the first byte.</param>
    /// <param name="dataSet">The instance's header, palettes and lookup tables in memory.</param>
    /// <param name="number">Number of the frame, from 0: for functional groups.</param>
    /// <param name="options">What the client asks for.</param>
    /// <exception cref="ImageException">The frame is too short, too large, or of a kind that is not shown.</exception>
    public static Picture Render(ImagePixels pixels, ReadOnlySpan<byte> frame, DicomDataSet dataSet, int number, RenderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        options ??= RenderOptions.Default;
        var size = PictureSize.Of(pixels, dataSet, options.Viewport);
        if (Math.Max((long)pixels.Rows * pixels.Columns, (long)size.Width * size.Height) > Picture.MaxPixels)
        {
            throw new ImageException($"A frame of {pixels.Columns} x {pixels.Rows} pixels is more than is shown.");
        }
        var picture = Whole(pixels, frame, dataSet, number, options);
        picture = options.Profile.Apply(size.IsWhole(pixels) ? picture : Resampler.Resample(picture, size), dataSet);
        return AnnotationPainter.Paint(picture, options.Annotations, dataSet, number, pixels.Frames);
    }

    private static Picture Whole(ImagePixels pixels, ReadOnlySpan<byte> frame, DicomDataSet dataSet, int number, RenderOptions options)
    {
        var samples = Samples(pixels, frame, dataSet, number, options);
        if (options.Overlays == OverlayChoice.Shown)
        {
            OverlayPlanes.Draw(pixels, frame, dataSet, number, samples);
        }
        return new Picture(pixels.Columns, pixels.Rows, samples.Length / (pixels.Rows * pixels.Columns), samples);
    }

    private static byte[] Samples(ImagePixels pixels, ReadOnlySpan<byte> frame, DicomDataSet dataSet, int number, RenderOptions options)
    {
        if (pixels.Samples == 3)
        {
            return ColorFrame.Render(pixels, frame);
        }
        if (pixels.Samples != 1)
        {
            throw new ImageException($"Photometric Interpretation {pixels.Photometric} with {pixels.Samples} samples a pixel is not shown.");
        }
        if (pixels.Photometric == "PALETTE COLOR")
        {
            return PaletteFrame.Render(pixels, frame, dataSet);
        }
        return pixels.IsMonochrome ? GrayscaleFrame.Render(pixels, frame, dataSet, number, options)
            : throw new ImageException($"Photometric Interpretation {pixels.Photometric} with one sample a pixel is not known.");
    }
}
