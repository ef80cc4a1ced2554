namespace VnaCloud.Dicom;

/// <summary>Byte order of native pixel data (PS3.5 sections 7.3, 8.1.1 and 8.2, Annex A.3).</summary>
public static class PixelByteOrder
{
    /// <summary>
    /// Bytes that change order together when a data set's top-level pixel data is turned from big to little endian: 1, 2, 4 or 8.
    /// OB is a stream of bytes and never turns. OW is words of 16 bits, also where a sample is 8 bits or 1 bit, and where samples are
    /// longer than a word the sample turns as a whole, as DCMTK and pydicom read it. Float and Double Float Pixel Data turn by value.
    /// </summary>
    public static int SwapUnit(DicomDataSet dataSet)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        var pixels = dataSet[DicomTags.PixelData] ?? dataSet[DicomTags.FloatPixelData] ?? dataSet[DicomTags.DoubleFloatPixelData];
        if (pixels is null || pixels.Vr != DicomVr.OW)
        {
            return pixels?.Vr.SwapUnit() ?? 1;
        }
        return dataSet.Integer(DicomTags.BitsAllocated) switch { 32 => 4, 64 => 8, _ => 2 };
    }
}
