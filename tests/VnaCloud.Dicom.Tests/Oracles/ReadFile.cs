using System.Buffers;
using System.IO.Compression;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Oracles;

/// <summary>A file as the archive sees it: pixel data only located, its bytes taken from where the reader says they are.</summary>
internal sealed record ReadFile(DicomReader Reader, ReadOnlyMemory<byte> Bytes)
{
    public DicomDataSet DataSet => Reader.DataSet;

    public static async Task<ReadFile> OpenAsync(CorpusFile file, DicomReadOptions? options = null)
    {
        var bytes = file.ReadBytes();
        var reader = await DicomReader.ReadAsync(new MemorySource(bytes), options);
        return new ReadFile(reader, reader.TransferSyntax.IsDeflated ? Inflated(bytes, reader) : bytes);
    }

    /// <summary>/metadata of the instance.</summary>
    public ReadOnlyMemory<byte> Json(DicomJsonOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        new DicomJsonWriter(output, options).Write(DataSet);
        return output.WrittenMemory;
    }

    /// <summary>The value bytes of an element, as PS3.18 section 8.7.3.1 serves them: little endian.</summary>
    public ReadOnlyMemory<byte> BytesOf(DicomElement element, DicomDataSet dataSet)
    {
        var stored = element.Fragments is { } fragments
            ? Bytes.Slice((int)fragments.Offset, (int)fragments.Length)
            : Bytes.Slice((int)element.Offset, (int)element.Length);
        var unit = element.Tag.IsPixelData ? PixelByteOrder.SwapUnit(dataSet) : element.Vr.SwapUnit();
        return element.IsBigEndian && unit > 1 ? ByteOrder.Swapped(stored.Span, unit) : stored;
    }

    // Offsets of a deflated data set count as if it had been inflated in place.
    private static byte[] Inflated(byte[] file, DicomReader reader)
    {
        var offset = (int)reader.DataSetOffset;
        using var output = new MemoryStream();
        output.Write(file, 0, offset);
        using var source = new MemoryStream(file, offset, file.Length - offset);
        using Stream inflate = reader.Warnings.HasFlag(DicomReadWarnings.ZlibWrapper)
            ? new ZLibStream(source, CompressionMode.Decompress)
            : new DeflateStream(source, CompressionMode.Decompress);
        inflate.CopyTo(output);
        return output.ToArray();
    }
}
