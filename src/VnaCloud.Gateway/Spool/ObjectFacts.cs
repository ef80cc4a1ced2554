using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Spool;

/// <summary>Reads what the queue and the rules need out of a PS3.10 file.</summary>
internal static class ObjectFacts
{
    /// <summary>Values longer than this are located, not kept: no UID and nothing that a rule asks for is that long.</summary>
    private const int KeptBytes = 1024;

    private static readonly DicomTag PixelData = DicomTags.FloatPixelData;

    private static readonly DicomReadOptions Options = new() { KeepBinary = 0, KeepOther = KeptBytes };

    /// <summary>Prepares to read; pixel data and long values are passed over, in little memory.</summary>
    public static DicomReader Open(ByteSource source) => new(source, Options);

    /// <summary>Reads a queued file up to its pixel data.</summary>
    /// <exception cref="DicomFormatException">It is none of ours.</exception>
    public static async Task<SpooledObject> ReadAsync(Receipt receipt, string path, Func<DicomReader, ForwardRoute> route, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        using var source = new StreamSource(file, 16 * 1024);
        await using var reader = Open(source);
        await reader.ReadFileMetaAsync(cancellation);
        await reader.ReadDataSetAsync(PixelData, cancellation);
        return Of(reader, receipt, file.Length, route(reader)) with { TraceParent = Posix.GetAttribute(path, SpoolFile.TraceAttribute) };
    }

    public static SpooledObject Of(DicomReader reader, Receipt receipt, long length, ForwardRoute route) => new(receipt, length)
    {
        StudyUid = SharedText.Of(Uid(reader.DataSet, DicomTags.StudyInstanceUID)),
        SeriesUid = SharedText.Of(Uid(reader.DataSet, DicomTags.SeriesInstanceUID)),
        SopInstanceUid = Uid(reader.DataSet, DicomTags.SOPInstanceUID),
        SopClassUid = SharedText.Of(Uid(reader.DataSet, DicomTags.SOPClassUID)),
        TransferSyntaxUid = SharedText.Of(reader.TransferSyntax.Uid),
        Modality = SharedText.Of(reader.DataSet.String(DicomTags.Modality)),
        CallingAe = SharedText.Of(reader.FileMeta.String(DicomTags.SendingApplicationEntityTitle)),
        Route = route,
    };

    /// <summary>A UID as it identifies: padding trimmed, whatever the padding is.</summary>
    public static string Uid(DicomDataSet dataSet, DicomTag tag) => dataSet.String(tag).Trim(' ', '\0');
}
