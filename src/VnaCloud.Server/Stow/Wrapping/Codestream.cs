using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>JPEG 2000 codestreams within the boxes of a JP2 file (ISO/IEC 15444-1 Annex I), which DICOM leaves out (PS3.5 section A.4.4).</summary>
internal static class Codestream
{
    private static ReadOnlySpan<byte> Signature => [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' '];

    /// <summary>The part, or the codestream in it.</summary>
    public static SpoolRange Of(SpoolReader bytes, string mediaType)
    {
        if (mediaType is not ("image/jp2" or "image/jpx" or "image/jphc") || !bytes.StartsWith(Signature))
        {
            return bytes.Range;
        }
        foreach (var box in Boxes.In(bytes, 0, bytes.Length))
        {
            if (box.Type == "jp2c")
            {
                return new SpoolRange(bytes.Range.Offset + box.Start, box.End - box.Start);
            }
        }
        throw BulkFaultException.Unreadable("The JP2 file has no codestream.");
    }
}
