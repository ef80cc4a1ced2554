using System.Buffers;
using System.Buffers.Binary;

namespace VnaCloud.Dicom;

/// <summary>How sequences are written (PS3.5 section 7.5.1): both are equal to every reader.</summary>
public enum SequenceLengths
{
    /// <summary>Undefined length with delimitation items: nothing needs to be measured first.</summary>
    Undefined,

    /// <summary>Explicit lengths.</summary>
    Defined,
}

/// <summary>
/// A stretch of an encoded data set: bytes made here, or a range of the file that was read, to be copied and, where
/// <see cref="SwapUnit"/> is above 1, turned from big to little endian on the way.
/// </summary>
/// <param name="Bytes">The bytes, when they are made here.</param>
/// <param name="SourceOffset">Else the first byte in the source file (deflated: as if inflated in place).</param>
/// <param name="SourceLength">Bytes of the range; 0 when <paramref name="Bytes"/> holds them.</param>
/// <param name="SwapUnit">1, 2, 4 or 8.</param>
public readonly record struct EncodedPiece(ReadOnlyMemory<byte> Bytes, long SourceOffset, long SourceLength, int SwapUnit)
{
    /// <summary>Bytes of the piece in the output.</summary>
    public long Length => SourceLength > 0 ? SourceLength : Bytes.Length;
}

/// <summary>
/// Encodes data sets: explicit and implicit VR, little and big endian, native and encapsulated (PS3.5 sections 7 and A). Values that
/// were only located become ranges of their source, so that pixel data is never held.
/// </summary>
public sealed partial class DicomWriter
{
    private readonly TransferSyntax _syntax;
    private readonly SequenceLengths _lengths;
    private readonly List<EncodedPiece> _pieces = [];
    private ArrayBufferWriter<byte> _buffer = new(1024);

    private DicomWriter(TransferSyntax syntax, SequenceLengths lengths)
    {
        _syntax = syntax;
        _lengths = lengths;
    }

    /// <summary>Encodes a whole PS3.10 file: preamble, prefix, File Meta Information of group 0002 with its length, data set.</summary>
    /// <param name="fileMeta">Group 0002; its Transfer Syntax UID and group length are written as they must be.</param>
    /// <param name="dataSet">The data set.</param>
    /// <param name="syntax">The encoding; a deflated one gives the data set before deflation.</param>
    /// <param name="lengths">How sequences are written.</param>
    public static IReadOnlyList<EncodedPiece> EncodeFile(DicomDataSet fileMeta, DicomDataSet dataSet, TransferSyntax syntax, SequenceLengths lengths = SequenceLengths.Undefined)
    {
        ArgumentNullException.ThrowIfNull(fileMeta);
        ArgumentNullException.ThrowIfNull(syntax);
        return [new EncodedPiece(EncodeFileMeta(fileMeta, syntax), 0, 0, 1), .. EncodeDataSet(dataSet, syntax, lengths)];
    }

    /// <summary>Encodes a data set.</summary>
    public static IReadOnlyList<EncodedPiece> EncodeDataSet(DicomDataSet dataSet, TransferSyntax syntax, SequenceLengths lengths = SequenceLengths.Undefined)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        var writer = new DicomWriter(syntax, lengths);
        writer.WriteElements(dataSet);
        writer.Cut();
        return writer._pieces;
    }

    /// <summary>Encodes a file whose every value is in memory.</summary>
    /// <exception cref="InvalidOperationException">A value was only located.</exception>
    public static byte[] ToArray(DicomDataSet fileMeta, DicomDataSet dataSet, TransferSyntax syntax, SequenceLengths lengths = SequenceLengths.Undefined)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        var pieces = EncodeDataSet(dataSet, syntax, lengths);
        if (pieces.Any(piece => piece.SourceLength > 0))
        {
            throw new InvalidOperationException("A value of this data set was only located: write its pieces to a stream instead.");
        }
        using var output = new MemoryStream();
        output.Write(EncodeFileMeta(fileMeta, syntax));
        if (!syntax.IsDeflated)
        {
            foreach (var piece in pieces)
            {
                output.Write(piece.Bytes.Span);
            }
            return output.ToArray();
        }
        using (var deflate = new System.IO.Compression.DeflateStream(output, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var piece in pieces)
            {
                deflate.Write(piece.Bytes.Span);
            }
        }
        if (output.Length % 2 != 0)
        {
            // PS3.5 section A.5: the deflated data set is padded to even length.
            output.WriteByte(0);
        }
        return output.ToArray();
    }

    /// <summary>Encodes preamble, prefix and File Meta Information with the UID of <paramref name="syntax"/> and its own length.</summary>
    public static byte[] EncodeFileMeta(DicomDataSet fileMeta, TransferSyntax syntax)
    {
        var meta = new DicomDataSet();
        foreach (var element in fileMeta.Where(element => element.Tag.Group == 2 && !element.Tag.IsGroupLength))
        {
            meta.Set(element);
        }
        meta.Set(new DicomElement(DicomTags.FileMetaInformationVersion, DicomVr.OB, new byte[] { 0, 1 }));
        meta.Set(DicomTags.TransferSyntaxUID, DicomVr.UI, syntax.Uid);
        var body = EncodeDataSet(meta, TransferSyntax.ExplicitVrLittleEndian);
        var length = body.Sum(piece => (int)piece.Length);
        var output = new byte[128 + 4 + 12 + length];
        "DICM"u8.CopyTo(output.AsSpan(128));
        ReadOnlySpan<byte> groupLength = [2, 0, 0, 0, (byte)'U', (byte)'L', 4, 0];
        groupLength.CopyTo(output.AsSpan(132));
        BinaryPrimitives.WriteInt32LittleEndian(output.AsSpan(140), length);
        var at = 144;
        foreach (var piece in body)
        {
            piece.Bytes.CopyTo(output.AsMemory(at));
            at += piece.Bytes.Length;
        }
        return output;
    }

    private void WriteElements(DicomDataSet dataSet)
    {
        foreach (var element in dataSet)
        {
            // Group lengths are retired and would be wrong in another encoding (PS3.5 section 7.2).
            if (!element.Tag.IsGroupLength && element.Tag.Group != 0xFFFE)
            {
                WriteElement(element, dataSet);
            }
        }
    }

    private void WriteElement(DicomElement element, DicomDataSet dataSet)
    {
        if (element.Items is { } items)
        {
            WriteSequence(element.Tag, items);
        }
        else if (element.Fragments is { } fragments)
        {
            WriteFragments(element, fragments);
        }
        else if (element.IsLocatedOnly)
        {
            WriteHeader(element.Tag, VrOf(element), checked((uint)(element.Length + (element.Length & 1))));
            Cut();
            _pieces.Add(new EncodedPiece(default, element.Offset, element.Length, element.IsBigEndian == _syntax.IsBigEndian ? 1 : Unit(element, dataSet)));
            Pad(element);
        }
        else
        {
            WriteHeader(element.Tag, VrOf(element), checked((uint)(element.Length + (element.Length & 1))));
            var swap = element.IsBigEndian != _syntax.IsBigEndian ? Unit(element, dataSet) : 1;
            _buffer.Write(swap > 1 ? ByteOrder.Swapped(element.Value.Span, swap) : element.Value.Span);
            Pad(element);
        }
    }

    private static int Unit(DicomElement element, DicomDataSet dataSet) =>
        element.Tag.IsPixelData ? PixelByteOrder.SwapUnit(dataSet) : element.Vr.SwapUnit();

    private static DicomVr VrOf(DicomElement element) => element.Vr == DicomVr.None ? DicomVr.UN : element.Vr;

    private void Pad(DicomElement element)
    {
        if ((element.Length & 1) != 0)
        {
            _buffer.Write<byte>([element.Vr.Padding()]);
        }
    }

    private void WriteHeader(DicomTag tag, DicomVr vr, uint length)
    {
        WriteTag(tag);
        if (_syntax.IsImplicitVr)
        {
            WriteUInt32(length);
            return;
        }
        if (!vr.HasLongLength() && length > ushort.MaxValue)
        {
            // PS3.5 section 6.2.2: a value too long for its VR's 16-bit length is written as UN.
            vr = DicomVr.UN;
        }
        _buffer.Write<byte>([(byte)((ushort)vr >> 8), (byte)vr]);
        if (vr.HasLongLength())
        {
            WriteUInt16(0);
            WriteUInt32(length);
        }
        else
        {
            WriteUInt16((ushort)length);
        }
    }

    private void WriteTag(DicomTag tag)
    {
        WriteUInt16(tag.Group);
        WriteUInt16(tag.Element);
    }

    private void WriteUInt16(ushort value)
    {
        var span = _buffer.GetSpan(2);
        if (_syntax.IsBigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(span, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(span, value);
        }
        _buffer.Advance(2);
    }

    private void WriteUInt32(uint value)
    {
        var span = _buffer.GetSpan(4);
        if (_syntax.IsBigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(span, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(span, value);
        }
        _buffer.Advance(4);
    }

    private void Cut()
    {
        if (_buffer.WrittenCount > 0)
        {
            _pieces.Add(new EncodedPiece(_buffer.WrittenMemory, 0, 0, 1));
            _buffer = new ArrayBufferWriter<byte>(1024);
        }
    }
}
