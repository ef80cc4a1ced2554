namespace VnaCloud.Imaging;

/// <summary>How the data units of a scan follow each other (T.81 section A.2).</summary>
/// <param name="McusPerRow">MCUs across.</param>
/// <param name="McuRows">Rows of them.</param>
/// <param name="Planes">The scan's components.</param>
internal sealed record JpegLayout(int McusPerRow, int McuRows, JpegPlane[] Planes)
{
    /// <param name="header">The frame.</param>
    /// <param name="scan">The scan.</param>
    /// <param name="unit">Samples of a data unit each way: 8 for a DCT block, 1 in lossless processes.</param>
    public static JpegLayout Of(JpegHeader header, JpegScan scan, int unit)
    {
        var (across, down) = (header.MaxHorizontal, header.MaxVertical);
        var planes = scan.Components.Select(part =>
        {
            var component = header.Components[part.Index];
            return new JpegPlane
            {
                Component = part.Index,
                Width = Ceiling(header.Width * component.Horizontal, across),
                Lines = Ceiling(header.Height * component.Vertical, down),
                // A scan of one component is not interleaved: its MCU is one data unit, whatever the sampling (T.81 section A.2.2).
                UnitsAcross = scan.Components.Length == 1 ? 1 : component.Horizontal,
                UnitsDown = scan.Components.Length == 1 ? 1 : component.Vertical,
                ScaleAcross = across / component.Horizontal,
                ScaleDown = down / component.Vertical,
            };
        }).ToArray();
        return planes is [var only]
            ? new JpegLayout(Ceiling(only.Width, unit), Ceiling(only.Lines, unit), planes)
            : new JpegLayout(Ceiling(header.Width, unit * across), Ceiling(header.Height, unit * down), planes);
    }

    private static int Ceiling(int count, int size) => (count + size - 1) / size;
}

/// <summary>A component of a scan: the samples that it has, not padding.</summary>
internal sealed record JpegPlane
{
    /// <summary>Its place in the frame header.</summary>
    public required int Component { get; init; }

    /// <summary>Samples across.</summary>
    public required int Width { get; init; }

    /// <summary>Samples downwards.</summary>
    public required int Lines { get; init; }

    /// <summary>Data units of an MCU across.</summary>
    public required int UnitsAcross { get; init; }

    /// <summary>Data units of an MCU downwards.</summary>
    public required int UnitsDown { get; init; }

    /// <summary>Pixels that share a sample across.</summary>
    public required int ScaleAcross { get; init; }

    /// <summary>Pixels that share a sample downwards.</summary>
    public required int ScaleDown { get; init; }
}
