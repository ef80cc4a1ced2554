using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado;

/// <summary>The bytes of a bulk value: a document without its padding, fragments joined, numbers in little endian.</summary>
internal static class BulkBytes
{
    /// <summary>What says of which type and length a document is stands behind it, (0042,0012) and (0042,0015).</summary>
    public static readonly DicomTag AfterDocument = new(0x0043_0000);

    public static Payload Of(InstanceReader instances, InstanceEntry instance, DicomReader header, DicomElement element, DicomDataSet within)
    {
        if (element.Fragments is { } fragments)
        {
            return new JoinedPayload([.. fragments.Fragments.Select(fragment => instances.Range(instance, header, fragment.Offset + 8, fragment.Length))]);
        }
        var length = element.Tag == DicomTags.EncapsulatedDocument && within.Integer(DicomTags.EncapsulatedDocumentLength) is { } said and > 0
            ? Math.Min(said, element.Length) : element.Length;
        var unit = !element.IsBigEndian ? 1 : element.Tag.IsPixelData ? PixelByteOrder.SwapUnit(within) : element.Vr.SwapUnit();
        Payload payload = element.IsLocatedOnly ? instances.Range(instance, header, element.Offset, length) : new BytesPayload(element.Value[..(int)length]);
        return unit > 1 ? new SwappedPayload(payload, unit) : payload;
    }
}
