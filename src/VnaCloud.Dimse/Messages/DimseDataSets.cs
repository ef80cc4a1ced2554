using System.IO.Compression;
using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

/// <summary>Data sets of messages other than C-STORE, which are small enough to be held.</summary>
internal static class DimseDataSets
{
    public static byte[] Encode(DicomDataSet dataSet, string transferSyntax)
    {
        var syntax = TransferSyntax.Get(transferSyntax);
        var pieces = DicomWriter.EncodeDataSet(dataSet, syntax);
        using var bytes = new MemoryStream();
        foreach (var piece in pieces)
        {
            if (piece.SourceLength > 0)
            {
                throw new ArgumentException("A value of this data set was only located: it has no bytes to send.", nameof(dataSet));
            }
            bytes.Write(piece.Bytes.Span);
        }
        return syntax.IsDeflated ? Deflate(bytes) : bytes.ToArray();
    }

    /// <summary>Reads a whole data set that may have so many bytes.</summary>
    /// <exception cref="DicomFormatException">It is none, or longer.</exception>
    public static async ValueTask<DicomDataSet> ReadAsync(Stream bytes, string transferSyntax, long maxBytes, CancellationToken cancellation)
    {
        var limits = DicomReadLimits.Default with { HeaderBytes = maxBytes };
        using var source = new StreamSource(bytes, ReceiveBuffer.Small);
        await using var reader = new DicomReader(source, TransferSyntax.Get(transferSyntax), new DicomReadOptions { Limits = limits });
        await reader.ReadDataSetAsync(cancellation);
        return reader.DataSet;
    }

    private static byte[] Deflate(MemoryStream bytes)
    {
        using var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            bytes.WriteTo(deflate);
        }
        if (output.Length % 2 != 0)
        {
            // PS3.5 section A.5: the deflated data set is padded to even length.
            output.WriteByte(0);
        }
        return output.ToArray();
    }
}
