using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>
/// The data set of an instance whose pixel data changes its encoding, without that pixel data: what stands before it and behind it. The SOP
/// Instance UID stays: nothing is lost on the way (PS3.3 C.12.4.1.3 asks for a new one only where something is).
/// </summary>
public sealed class TranscodedHeader
{
    private static readonly DicomTag ExtendedOffsetTable = new(0x7FE0_0001), ExtendedOffsetTableLengths = new(0x7FE0_0002);

    private TranscodedHeader(DicomDataSet before, DicomDataSet after, ImagePixels pixels) => (Before, After, Pixels) = (before, after, pixels);

    /// <summary>Elements with smaller tags.</summary>
    public DicomDataSet Before { get; }

    /// <summary>Elements with greater tags.</summary>
    public DicomDataSet After { get; }

    /// <summary>The pixels in their new encoding.</summary>
    public ImagePixels Pixels { get; }

    /// <summary>Makes it.</summary>
    /// <param name="dataSet">As stored.</param>
    /// <param name="stored">Its transfer syntax.</param>
    /// <param name="pixels">What the new pixel data is.</param>
    /// <param name="ratio">Bytes of the uncompressed pixel data for each stored one.</param>
    public static TranscodedHeader Of(DicomDataSet dataSet, TransferSyntax stored, ImagePixels pixels, double ratio)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(pixels);
        var (before, after) = (new DicomDataSet { Parent = dataSet }, new DicomDataSet { Parent = dataSet });
        foreach (var element in dataSet)
        {
            if (element.Tag != DicomTags.PixelData && element.Tag != ExtendedOffsetTable && element.Tag != ExtendedOffsetTableLengths && !IsEncapsulatedIcon(element))
            {
                (element.Tag.Value < DicomTags.PixelData.Value ? before : after).Set(element);
            }
        }
        before.Set(DicomTags.PhotometricInterpretation, DicomVr.CS, pixels.Photometric);
        if (pixels.Samples > 1)
        {
            before.Set(DicomTags.PlanarConfiguration, pixels.IsPlanar ? (ushort)1 : (ushort)0);
        }
        else
        {
            before.Remove(DicomTags.PlanarConfiguration);
        }
        if (stored.IsLossy)
        {
            SayLossy(before, stored, ratio);
        }
        return new TranscodedHeader(before, after, pixels);
    }

    // Once lossy, always lossy (PS3.3 C.7.6.1.1.5); what the data set says already stays.
    private static void SayLossy(DicomDataSet dataSet, TransferSyntax stored, double ratio)
    {
        if (dataSet.String(DicomTags.LossyImageCompression) == "01")
        {
            return;
        }
        dataSet.Set(DicomTags.LossyImageCompression, DicomVr.CS, "01");
        if (dataSet[DicomTags.LossyImageCompressionRatio] is not { IsEmpty: false } && MethodOf(stored) is { } method)
        {
            dataSet.Set(DicomTags.LossyImageCompressionRatio, DicomVr.DS, ratio.ToString("0.###", CultureInfo.InvariantCulture));
            dataSet.Set(DicomTags.LossyImageCompressionMethod, DicomVr.CS, method);
        }
    }

    private static string? MethodOf(TransferSyntax stored) => stored.Uid switch
    {
        "1.2.840.10008.1.2.4.50" or "1.2.840.10008.1.2.4.51" => "ISO_10918_1",
        "1.2.840.10008.1.2.4.81" => "ISO_14495_1",
        "1.2.840.10008.1.2.4.91" => "ISO_15444_1",
        "1.2.840.10008.1.2.4.203" => "ISO_15444_15",
        _ => null,
    };

    // An icon in the old encoding has no place in the new one (PS3.5 A.4); it is a copy of what is there.
    private static bool IsEncapsulatedIcon(DicomElement element) =>
        element.Tag == DicomTags.IconImageSequence && element.Items is { } items && items.Any(static item => item[DicomTags.PixelData]?.Fragments is not null);
}
