using System.Buffers;

namespace VnaCloud.Dicom;

public sealed partial class DicomWriter
{
    private const uint Undefined = 0xFFFF_FFFF;
    private static readonly DicomTag ItemTag = new(0xFFFE_E000);
    private static readonly DicomTag ItemDelimitationTag = new(0xFFFE_E00D);
    private static readonly DicomTag SequenceDelimitationTag = new(0xFFFE_E0DD);

    private void WriteSequence(DicomTag tag, IReadOnlyList<DicomDataSet> items)
    {
        if (_lengths == SequenceLengths.Undefined)
        {
            WriteHeader(tag, DicomVr.SQ, Undefined);
            foreach (var item in items)
            {
                WriteDelimiter(ItemTag, Undefined);
                WriteElements(item);
                WriteDelimiter(ItemDelimitationTag, 0);
            }
            WriteDelimiter(SequenceDelimitationTag, 0);
            return;
        }
        var encoded = items.Select(item => EncodeDataSet(item, _syntax, _lengths)).ToList();
        WriteHeader(tag, DicomVr.SQ, checked((uint)encoded.Sum(item => 8 + Length(item))));
        foreach (var item in encoded)
        {
            WriteDelimiter(ItemTag, checked((uint)Length(item)));
            Cut();
            _pieces.AddRange(item);
        }
    }

    private static long Length(IReadOnlyList<EncodedPiece> pieces) => pieces.Sum(piece => piece.Length);

    // PS3.5 section A.4. The items are in the file's byte order already: encapsulated syntaxes are all little endian.
    private void WriteFragments(DicomElement element, EncapsulatedPixelData pixels)
    {
        WriteHeader(element.Tag, element.Vr, Undefined);
        if (pixels.Collected is { } frames)
        {
            WriteOffsetTable(pixels);
            foreach (var frame in frames)
            {
                WriteDelimiter(ItemTag, frame.Length + (frame.Length & 1));
                if (frame.Length > 0)
                {
                    Cut();
                    _pieces.Add(new EncodedPiece(default, frame.Offset, frame.Length, 1));
                }
                _buffer.Write(new byte[frame.Length & 1]);
            }
        }
        else if (pixels.Values is { } values)
        {
            WriteOffsetTable(pixels);
            foreach (var value in values)
            {
                WriteDelimiter(ItemTag, (uint)(value.Length + (value.Length & 1)));
                _buffer.Write(value.Span);
                _buffer.Write(new byte[value.Length & 1]);
            }
        }
        else
        {
            Cut();
            _pieces.Add(new EncodedPiece(default, pixels.Offset, pixels.Length, 1));
        }
        WriteDelimiter(SequenceDelimitationTag, 0);
    }

    private void WriteOffsetTable(EncapsulatedPixelData pixels)
    {
        WriteDelimiter(ItemTag, (uint)(4 * pixels.BasicOffsetTable.Count));
        foreach (var offset in pixels.BasicOffsetTable)
        {
            WriteUInt32(offset);
        }
    }

    private void WriteDelimiter(DicomTag tag, uint length)
    {
        WriteTag(tag);
        WriteUInt32(length);
    }
}
