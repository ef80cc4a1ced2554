using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>PALETTE COLOR: stored values are places in three tables (PS3.3 C.7.6.3.1.2, C.7.6.3.1.5 and C.7.9).</summary>
internal static class PaletteFrame
{
    /// <summary>Red, green and blue of each pixel.</summary>
    /// <exception cref="ImageException">There is no palette, or the values are too wide to be places in one.</exception>
    public static byte[] Render(ImagePixels pixels, ReadOnlySpan<byte> frame, DicomDataSet dataSet)
    {
        var samples = new StoredSamples(pixels, frame, SampleKind.Integer);
        if (samples.Codes == 0)
        {
            throw new ImageException($"PALETTE COLOR with {pixels.BitsStored} bits stored: 16 are possible.");
        }
        LookupTable[] tables =
        [
            Table(dataSet, pixels, DicomTags.RedPaletteColorLookupTableDescriptor, DicomTags.RedPaletteColorLookupTableData, DicomTags.SegmentedRedPaletteColorLookupTableData),
            Table(dataSet, pixels, DicomTags.GreenPaletteColorLookupTableDescriptor, DicomTags.GreenPaletteColorLookupTableData, DicomTags.SegmentedGreenPaletteColorLookupTableData),
            Table(dataSet, pixels, DicomTags.BluePaletteColorLookupTableDescriptor, DicomTags.BluePaletteColorLookupTableData, DicomTags.SegmentedBluePaletteColorLookupTableData),
        ];
        var colors = new byte[3 * samples.Codes];
        for (var code = 0; code < samples.Codes; code++)
        {
            for (var channel = 0; channel < 3; channel++)
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

    private static LookupTable Table(DicomDataSet dataSet, ImagePixels pixels, DicomTag descriptorTag, DicomTag data, DicomTag segments)
    {
        if (LutDescriptor.Of(dataSet, descriptorTag, pixels.IsSigned) is not { } descriptor)
        {
            throw new ImageException($"{DicomDictionary.Find(descriptorTag)?.Keyword} {descriptorTag} is missing, or not three numbers.");
        }
        return LookupTable.Of(dataSet, data, descriptor) ?? SegmentedPalette.Of(dataSet, segments, descriptor)
            ?? throw new ImageException($"{DicomDictionary.Find(data)?.Keyword} {data} is missing.");
    }
}
