using System.Buffers.Binary;

namespace VnaCloud.Imaging;

/// <summary>What a JPEG (ITU-T T.81) or JPEG-LS (T.87) stream says of itself up to the header of its first scan.</summary>
public sealed record JpegHeader
{
    /// <summary>Components of a frame; 4. T.81 allows 255, a pixel of DICOM has no more than four samples.</summary>
    public const int MaxComponents = 4;

    /// <summary>The coding process. Not all are decoded.</summary>
    public required JpegProcess Process { get; init; }

    /// <summary>Bits of a sample.</summary>
    public required int Precision { get; init; }

    /// <summary>Pixels across.</summary>
    public required int Width { get; init; }

    /// <summary>Pixels downwards.</summary>
    public required int Height { get; init; }

    /// <summary>The components in the order of the frame header.</summary>
    public required IReadOnlyList<JpegComponent> Components { get; init; }

    /// <summary>There is a JFIF segment: three components are YCbCr then.</summary>
    public bool HasJfif { get; init; }

    /// <summary>The colour transform of an Adobe segment: 0 none, 1 YCbCr, 2 YCCK; null without one.</summary>
    public int? AdobeTransform { get; init; }

    /// <summary>The third last byte of the first scan's header: the predictor of lossless JPEG, NEAR of JPEG-LS; null where the stream ends before it.</summary>
    public int? Selection { get; init; }

    /// <summary>Components have not all the same number of samples.</summary>
    public bool IsSubsampled => Components.Any(component => (component.Horizontal, component.Vertical) != (Components[0].Horizontal, Components[0].Vertical));

    /// <summary>Bytes of a decoded sample.</summary>
    public int SampleBytes => Precision <= 8 ? 1 : 2;

    /// <summary>Bytes of the decoded frame.</summary>
    public long OutputLength => (long)Width * Height * Components.Count * SampleBytes;

    /// <summary>The most samples across that a component has.</summary>
    public int MaxHorizontal => Components.Max(component => component.Horizontal);

    /// <summary>The most samples downwards that a component has.</summary>
    public int MaxVertical => Components.Max(component => component.Vertical);

    /// <summary>Reads up to the first scan.</summary>
    /// <exception cref="ImageException">The stream is none, ends before, or is not of T.81.</exception>
    public static JpegHeader Read(ReadOnlySpan<byte> stream)
    {
        var segments = new JpegSegments(stream);
        JpegHeader? frame = null;
        var jfif = false;
        int? adobe = null;
        while (true)
        {
            var marker = segments.NextMarker();
            var start = segments.Position;
            if (marker == JpegMarker.StartOfScan)
            {
                return frame is null ? throw new ImageException($"A JPEG scan begins at byte {start} before any frame of T.81.")
                    : frame with { HasJfif = jfif, AdobeTransform = adobe, Selection = SelectionOf(stream[start..]) };
            }
            if (marker is JpegMarker.StartOfImage or JpegMarker.EndOfImage or JpegMarker.DefineHierarchicalProgression)
            {
                throw new ImageException(marker == JpegMarker.DefineHierarchicalProgression
                    ? $"Hierarchical JPEG (DHP at byte {start}) is not supported." : $"The JPEG stream has marker FF{marker:X2} at byte {start} before any scan.");
            }
            if (JpegMarker.IsBare(marker))
            {
                continue;
            }
            var parameters = segments.Parameters();
            if (JpegMarker.IsFrame(marker))
            {
                frame = frame is null ? ReadFrame((JpegProcess)(marker - JpegMarker.FirstFrame), parameters, start)
                    : throw new ImageException($"The JPEG stream has a second frame header at byte {start}.");
            }
            jfif |= marker == JpegMarker.Application0 && parameters.StartsWith("JFIF\0"u8);
            adobe ??= marker == JpegMarker.Application14 ? AdobeTransformOf(parameters) : null;
        }
    }

    // Behind length, count and two bytes for each component (T.81 B.2.3).
    private static int? SelectionOf(ReadOnlySpan<byte> scan) => scan.Length > 2 && scan.Length > 3 + (2 * scan[2]) ? scan[3 + (2 * scan[2])] : null;

    // Version, two words of flags, the transform: IJG takes a shorter segment, which some writers leave, for no Adobe segment.
    private static int? AdobeTransformOf(ReadOnlySpan<byte> parameters) =>
        parameters.Length >= 12 && parameters.StartsWith("Adobe"u8) ? parameters[11] : null;

    private static JpegHeader ReadFrame(JpegProcess process, ReadOnlySpan<byte> parameters, int start)
    {
        if (parameters.Length < 6 || parameters.Length < 6 + 3 * parameters[5])
        {
            throw new ImageException($"The JPEG frame header at byte {start} is too short.");
        }
        var frame = new JpegHeader
        {
            Process = process,
            Precision = parameters[0],
            Height = BinaryPrimitives.ReadUInt16BigEndian(parameters[1..]),
            Width = BinaryPrimitives.ReadUInt16BigEndian(parameters[3..]),
            Components = ReadComponents(parameters[6..], parameters[5], start),
        };
        var isPossible = process switch
        {
            JpegProcess.Baseline => frame.Precision == 8,
            JpegProcess.Lossless or JpegProcess.DifferentialLossless or JpegProcess.ArithmeticLossless or JpegProcess.ArithmeticDifferentialLossless or JpegProcess.JpegLs
                => frame.Precision is >= 2 and <= 16,
            _ => frame.Precision is 8 or 12,
        };
        if (!isPossible)
        {
            throw new ImageException($"{process} JPEG has no precision of {frame.Precision} bits (frame header at byte {start}).");
        }
        if (frame.Width == 0 || frame.Height == 0)
        {
            // T.81 section B.2.5 lets a DNL segment behind the first scan say the height. DICOM says it in Rows, and DCMTK refuses such streams too.
            throw new ImageException($"A JPEG frame of {frame.Width} by {frame.Height} pixels (frame header at byte {start}); a height left to DNL is not supported.");
        }
        return frame;
    }

    private static JpegComponent[] ReadComponents(ReadOnlySpan<byte> parameters, int count, int start)
    {
        if (count is 0 or > MaxComponents)
        {
            throw new ImageException($"A JPEG frame of {count} components (frame header at byte {start}): 1 to {MaxComponents} are supported.");
        }
        var components = new JpegComponent[count];
        for (var i = 0; i < count; i++)
        {
            var (id, sampling, table) = (parameters[3 * i], parameters[3 * i + 1], parameters[3 * i + 2]);
            components[i] = new JpegComponent(id, sampling >> 4, sampling & 0x0F, table);
            if (sampling >> 4 is 0 or > JpegComponent.MaxSampling || (sampling & 0x0F) is 0 or > JpegComponent.MaxSampling)
            {
                throw new ImageException($"JPEG component {id} has sampling factors {sampling >> 4} by {sampling & 0x0F} (frame header at byte {start}).");
            }
        }
        return components;
    }
}
