using System.Buffers;
using System.IO.Compression;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>
/// Makes the stored metadata of one instance: its DICOM JSON as independently compressed, sync-flushed, byte-aligned deflate
/// segments, with a hole between each two where the base URL of a request goes (docs/pack-format.md).
/// </summary>
#pragma warning disable CA1001 // A MemoryStream holds nothing but memory.
internal sealed class MetadataSegmenter
#pragma warning restore CA1001
{
    // To begin a compressor costs more than the whole of a short segment, of which there is one behind the pixel data of each image.
    private const int Short = 512;

    private readonly ArrayBufferWriter<byte> _json = new(8 * 1024);
    private readonly MemoryStream _compressed = new();
    private readonly List<MetadataSegment> _segments = [];

    /// <summary>The segments of the last instance, back to back. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Bytes => _compressed.GetBuffer().AsMemory(0, (int)_compressed.Length);

    /// <summary>Compresses the JSON of an instance.</summary>
    public IReadOnlyList<MetadataSegment> Write(DicomDataSet dataSet, InstanceKey key, int inlineLimit)
    {
        _segments.Clear();
        _compressed.SetLength(0);
        _json.ResetWrittenCount();
        new DicomJsonWriter(_json, new DicomJsonOptions
        {
            InlineLimit = inlineLimit,
            InstanceUrl = $"/studies/{key.StudyUid}/series/{key.SeriesUid}/instances/{key.SopUid}",
            OnBase = CloseSegment,
        }).Write(dataSet);
        CloseSegment();
        return _segments.ToArray();
    }

    private void CloseSegment()
    {
        var start = _compressed.Length;
        if (_json.WrittenCount <= Short)
        {
            _compressed.Write(GzipFrame.Stored(_json.WrittenSpan));
        }
        else
        {
            AppendCompressed(_json.WrittenSpan);
        }
        _segments.Add(new MetadataSegment(checked((int)(_compressed.Length - start)), _json.WrittenCount, Crc32.Append(0, _json.WrittenSpan)));
        _json.ResetWrittenCount();
    }

    private void AppendCompressed(ReadOnlySpan<byte> json)
    {
        long end;
        // A fresh compressor for each: nothing may refer back across a hole. Disposing it appends the final block, which is cut off again.
        using (var deflate = new DeflateStream(_compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(json);
            deflate.Flush();
            end = _compressed.Length;
        }
        _compressed.SetLength(end);
    }
}
