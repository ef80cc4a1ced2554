using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>Where a picture comes from in the image, and how large it becomes.</summary>
/// <param name="Region">The region across and downwards.</param>
/// <param name="Width">Pixels across of the picture.</param>
/// <param name="Height">Pixels downwards.</param>
internal readonly record struct PictureSize(PictureSize.Box Region, int Width, int Height)
{
    // Pixels ten times as high as they are wide are a mistake, not a modality.
    private const double MaxAspect = 10;

    /// <summary>All of the image, or what the viewport says of it.</summary>
    /// <exception cref="ImageException">The viewport shows nothing of the image.</exception>
    public static PictureSize Of(ImagePixels pixels, DicomDataSet dataSet, Viewport? viewport)
    {
        var aspect = AspectOf(dataSet);
        if (viewport is null)
        {
            // Square pixels, and none of the resolution lost: the shorter side of a pixel stays.
            return new PictureSize(
                new Box(0, 0, pixels.Columns, pixels.Rows, false, false),
                Extent(pixels.Columns * Math.Max(1, 1 / aspect), ImagePixels.MaxExtent),
                Extent(pixels.Rows * Math.Max(1, aspect), ImagePixels.MaxExtent));
        }
        if (!viewport.Meets(pixels.Columns, pixels.Rows))
        {
            throw new ImageException($"The viewport begins at {viewport.Left},{viewport.Top}, outside of the image's {pixels.Columns} x {pixels.Rows} pixels.");
        }
        var width = Math.Min(Math.Abs(viewport.RegionWidth ?? pixels.Columns), pixels.Columns - viewport.Left);
        var height = Math.Min(Math.Abs(viewport.RegionHeight ?? pixels.Rows), pixels.Rows - viewport.Top);
        var scale = Math.Min(viewport.Width / width, viewport.Height / (height * aspect));
        return new PictureSize(
            new Box(viewport.Left, viewport.Top, width, height, viewport.RegionWidth < 0, viewport.RegionHeight < 0),
            Extent(width * scale, viewport.Width),
            Extent(height * aspect * scale, viewport.Height));
    }

    /// <summary>Nothing is to be done.</summary>
    public bool IsWhole(ImagePixels pixels) => (Width, Height) == (pixels.Columns, pixels.Rows)
        && Region == new Box(0, 0, pixels.Columns, pixels.Rows, false, false);

    // Pixel Aspect Ratio (0028,0034): the vertical size of a pixel, then the horizontal one (PS3.3 C.7.6.3.1.7).
    private static double AspectOf(DicomDataSet dataSet) =>
        dataSet.Real(DicomTags.PixelAspectRatio) is { } vertical and > 0 && dataSet.Real(DicomTags.PixelAspectRatio, 1) is { } horizontal and > 0
            && vertical / horizontal is >= 1 / MaxAspect and <= MaxAspect ? vertical / horizontal : 1;

    private static int Extent(double length, int most) => (int)Math.Clamp(Math.Round(length), 1, most);

    /// <summary>A region of an image, in its pixels.</summary>
    internal readonly record struct Box(double Left, double Top, double Width, double Height, bool IsMirrored, bool IsUpsideDown);
}
