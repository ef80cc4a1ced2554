using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>PALETTE COLOR: stored values are places in three tables (PS3.3 C.7.6.3.1.2, C.7.6.3.1.5 and C.7.9).</summary>
internal static class PaletteFrame
{
    private static readonly Channel[] Channels =
    [
        new(DicomTags.RedPaletteColorLookupTableDescriptor, DicomTags.RedPaletteColorLookupTableData, DicomTags.SegmentedRedPaletteColorLookupTableData),
        new(DicomTags.GreenPaletteColorLookupTableDescriptor, DicomTags.GreenPaletteColorLookupTableData, DicomTags.SegmentedGreenPaletteColorLookupTableData),
        new(DicomTags.BluePaletteColorLookupTableDescriptor, DicomTags.BluePaletteColorLookupTableData, DicomTags.SegmentedBluePaletteColorLookupTableData),
    ];

    /// <summary>Red, green and blue of each pixel.</summary>
    /// <exception cref="ImageException">There is no palette, or the values are too wide to be places in one.</exception>
    public static byte[] Render(ImagePixels pixels, ReadOnlySpan<byte> frame, DicomDataSet dataSet)
    {
        var samples = new StoredSamples(pixels, frame, SampleKind.Integer);
        if (samples.Codes == 0)
        {
            throw new ImageException($"PALETTE COLOR with {pixels.BitsStored} bits stored: 16 are possible.");
        }
        var tables = Array.ConvertAll(Channels, channel => Table(dataSet, pixels, channel));
        var colors = new byte[3 * samples.Codes];
        for (var code = 0; code < samples.Codes; code++)
        {
            for (var channel = 0; channel < tables.Length; channel++)
            {
                colors[(3 * code) + channel] = SampleDepth.To8(tables[channel][samples.Value((ulong)code)], tables[channel].Bits);
            }
        }
        var output = new byte[3 * samples.Count];
        for (var i = 0; i < samples.Count; i++)
        {
            colors.AsSpan(3 * (int)samples.Code(i), 3).CopyTo(output.AsSpan(3 * i));
        }
        return output;
    }

    private static LookupTable Table(DicomDataSet dataSet, ImagePixels pixels, Channel channel)
    {
        if (LutDescriptor.Of(dataSet, channel.Descriptor, pixels.IsSigned) is not { } descriptor)
        {
            throw new ImageException($"{DicomDictionary.Find(channel.Descriptor)?.Keyword} {channel.Descriptor} is missing, or not three numbers.");
        }
        return LookupTable.Of(dataSet, channel.Data, descriptor) ?? SegmentedPalette.Of(dataSet, channel.Segments, descriptor)
            ?? throw new ImageException($"{DicomDictionary.Find(channel.Data)?.Keyword} {channel.Data} is missing.");
    }

    private sealed record Channel(DicomTag Descriptor, DicomTag Data, DicomTag Segments);
}
