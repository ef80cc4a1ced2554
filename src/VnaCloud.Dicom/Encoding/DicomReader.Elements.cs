using System.Buffers.Binary;

namespace VnaCloud.Dicom;

public sealed partial class DicomReader
{
    private const uint UndefinedLength = 0xFFFF_FFFF;
    private const uint Item = 0xFFFE_E000;
    private const uint ItemDelimitation = 0xFFFE_E00D;
    private const uint SequenceDelimitation = 0xFFFE_E0DD;

    private readonly List<Level> _levels = [];
    private int _elements;
    private long _headerBytes;

    /// <summary>An open data set or sequence. The list of them is the call stack that nesting does not get.</summary>
    /// <param name="Tag">The sequence's tag; of an item, its sequence's.</param>
    /// <param name="DataSet">The data set, or null in a sequence.</param>
    /// <param name="Items">The items of a sequence, or null.</param>
    /// <param name="End">Position where a defined length ends, or -1.</param>
    /// <param name="ImplicitVr">Encoding inside: UN sequences are implicit VR little endian (PS3.5 section 6.2.2).</param>
    /// <param name="BigEndian">Byte order inside.</param>
    private readonly record struct Level(DicomTag Tag, DicomDataSet? DataSet, List<DicomDataSet>? Items, long End, bool ImplicitVr, bool BigEndian);

    private readonly record struct ElementHeader(DicomTag Tag, DicomVr Vr, uint Length, int HeaderLength)
    {
        public bool IsUndefined => Length == UndefinedLength;
    }

    private async ValueTask<bool> ReadElementsAsync(DicomTag? stopBefore, CancellationToken cancellation)
    {
        if (_levels.Count == 0)
        {
            _levels.Add(new Level(default, DataSet, null, -1, TransferSyntax.IsImplicitVr, TransferSyntax.IsBigEndian));
        }
        while (true)
        {
            CloseEndedLevels();
            if (!await EnsureAsync(8, cancellation))
            {
                if (_levels.Count == 1 && OnlyPadding(_source.Window.Span))
                {
                    _source.Advance(_source.Window.Length);
                    return false;
                }
                throw Fault(DicomFault.Truncated, _levels.Count == 1 ? "The data set ends inside an element header" : "The data set ends inside a sequence", _levels[^1].Tag);
            }
            var level = _levels[^1];
            if (level.DataSet is null)
            {
                ReadItemTag(level);
            }
            else if (!await ReadElementAsync(level, stopBefore, cancellation))
            {
                return true;
            }
        }
    }

    // Some writers fill the last block of a file with zeros; fewer than eight of them cannot be an element.
    private static bool OnlyPadding(ReadOnlySpan<byte> rest) => rest.IndexOfAnyExcept((byte)0) < 0;

    private void CloseEndedLevels()
    {
        while (_levels[^1].End >= 0 && Position >= _levels[^1].End)
        {
            if (Position > _levels[^1].End)
            {
                throw Fault(DicomFault.Malformed, "An element reaches past the end of its item or sequence", _levels[^1].Tag);
            }
            _levels.RemoveAt(_levels.Count - 1);
        }
    }

    // Inside a sequence: an item begins, or the sequence ends (PS3.5 section 7.5).
    private void ReadItemTag(Level level)
    {
        var header = ParseHeader(_source.Window.Span, implicitVr: true, level.BigEndian);
        Consume(8, level.Tag);
        switch (header.Tag.Value)
        {
            case Item:
                var item = new DicomDataSet { Parent = _levels[^2].DataSet };
                level.Items!.Add(item);
                Count(level.Tag);
                Push(new Level(level.Tag, item, null, EndOf(header, level), level.ImplicitVr, level.BigEndian));
                break;
            case SequenceDelimitation when level.End < 0:
                _levels.RemoveAt(_levels.Count - 1);
                break;
            default:
                throw Fault(DicomFault.Malformed, $"{header.Tag} where an item should begin", level.Tag);
        }
    }

    private async ValueTask<bool> ReadElementAsync(Level level, DicomTag? stopBefore, CancellationToken cancellation)
    {
        await EnsureAsync(12, cancellation);
        var header = ReadHeader(level);
        if (header.Tag.Group == 0xFFFE)
        {
            return ReadDelimiter(header, level);
        }
        if (_levels.Count == 1 && stopBefore is { } stop && header.Tag >= stop)
        {
            return false;
        }
        Count(header.Tag);
        Consume(header.HeaderLength, header.Tag);
        if (header.IsUndefined)
        {
            await OpenUndefinedAsync(header, level, cancellation);
        }
        else if (header.Vr == DicomVr.SQ)
        {
            OpenSequence(header, level, level.ImplicitVr, level.BigEndian);
        }
        else
        {
            await ReadValueAsync(header, level, cancellation);
        }
        return true;
    }

    private bool ReadDelimiter(ElementHeader header, Level level)
    {
        if (header.Tag.Value == ItemDelimitation && level.End < 0 && _levels.Count > 1)
        {
            Consume(8, level.Tag);
            _levels.RemoveAt(_levels.Count - 1);
            return true;
        }
        if (_levels.Count == 1 && header.Length == 0)
        {
            Warnings |= DicomReadWarnings.StrayDelimiter;
            Consume(8, level.Tag);
            return true;
        }
        throw Fault(DicomFault.Malformed, $"{header.Tag} where no item or sequence can end", level.Tag);
    }

    private async ValueTask OpenUndefinedAsync(ElementHeader header, Level level, CancellationToken cancellation)
    {
        if (header.Vr == DicomVr.SQ)
        {
            OpenSequence(header, level, level.ImplicitVr, level.BigEndian);
        }
        else if (header.Vr == DicomVr.UN && !header.Tag.IsPixelData)
        {
            // PS3.5 section 6.2.2: UN of undefined length is a sequence in implicit VR little endian.
            OpenSequence(header, level, implicitVr: true, bigEndian: false);
        }
        else if (header.Vr is DicomVr.OB or DicomVr.OW or DicomVr.UN)
        {
            await ReadFragmentsAsync(header, level, cancellation);
        }
        else
        {
            throw Fault(DicomFault.Malformed, $"Undefined length is not allowed for {header.Vr}", header.Tag);
        }
    }

    private void OpenSequence(ElementHeader header, Level level, bool implicitVr, bool bigEndian)
    {
        var items = new List<DicomDataSet>();
        Add(level, new DicomElement(header.Tag, items) { Offset = Position });
        Push(new Level(header.Tag, null, items, EndOf(header, level), implicitVr, bigEndian));
    }

    private void Push(Level level)
    {
        // Two levels a nesting: the sequence and its item.
        if (_levels.Count >= 2 * _limits.Depth + 1)
        {
            throw Fault(DicomFault.LimitExceeded, $"Sequences are nested deeper than {_limits.Depth}", level.Tag);
        }
        _levels.Add(level);
    }

    private long EndOf(ElementHeader header, Level parent)
    {
        if (header.IsUndefined)
        {
            return -1;
        }
        var end = Position + header.Length;
        RequireInside(end, parent, header.Tag);
        return end;
    }

    private void RequireInside(long end, Level level, DicomTag tag)
    {
        if (level.End >= 0 && end > level.End)
        {
            throw Fault(DicomFault.Malformed, "The element is longer than the item or sequence around it", tag);
        }
    }

    private void Add(Level level, DicomElement element)
    {
        var dataSet = level.DataSet!;
        if (_levels.Count == 1 && element.Tag.Group is (0x0000 or 0x0002 or 0x0006))
        {
            Warnings |= DicomReadWarnings.ForeignGroup;
        }
        var inOrder = dataSet.LastTag is not { } last || last < element.Tag;
        if (dataSet.TryAdd(element))
        {
            Warnings |= inOrder ? DicomReadWarnings.None : DicomReadWarnings.OutOfOrder;
            return;
        }
        Warnings |= DicomReadWarnings.RepeatedElement;
        if (_levels.Count == 1 && Identifies(element.Tag) && !dataSet[element.Tag]!.Value.Span.SequenceEqual(element.Value.Span))
        {
            throw Fault(DicomFault.Malformed, "The element occurs twice with different values, so it identifies nothing", element.Tag);
        }
    }

    private static bool Identifies(DicomTag tag) => tag.Value is 0x0008_0016 or 0x0008_0018 or 0x0020_000D or 0x0020_000E;

    private void Count(DicomTag tag)
    {
        if (++_elements > _limits.Elements)
        {
            throw Fault(DicomFault.LimitExceeded, $"More than {_limits.Elements} elements and items", tag);
        }
    }

    private void Consume(int count, DicomTag tag)
    {
        _source.Advance(count);
        CountHeaderBytes(count, tag);
    }

    private void CountHeaderBytes(long count, DicomTag tag)
    {
        _headerBytes += count;
        if (_headerBytes > _limits.HeaderBytes)
        {
            throw Fault(DicomFault.LimitExceeded, $"More than {_limits.HeaderBytes} bytes outside bulk data", tag);
        }
    }

    private async ValueTask<bool> EnsureAsync(int count, CancellationToken cancellation)
    {
        while (_source.Window.Length < count)
        {
            if (!await _source.FillAsync(cancellation))
            {
                return false;
            }
        }
        return true;
    }

    // The header as the bytes say it; VRs of implicit VR, and of letters that are none, are settled by ReadHeader.
    private ElementHeader ParseHeader(ReadOnlySpan<byte> bytes, bool implicitVr, bool bigEndian)
    {
        var tag = bigEndian
            ? new DicomTag(BinaryPrimitives.ReadUInt16BigEndian(bytes), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]))
            : new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]));
        if (implicitVr || tag.Group == 0xFFFE)
        {
            return new ElementHeader(tag, DicomVr.None, ReadUInt32(bytes[4..], bigEndian), 8);
        }
        var vr = (DicomVr)(bytes[4] << 8 | bytes[5]);
        if (vr.IsKnown() && !vr.HasLongLength())
        {
            var length = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
            return new ElementHeader(tag, vr, length, 8);
        }
        if (bytes.Length < 12)
        {
            throw Fault(DicomFault.Truncated, "The data set ends inside an element header", tag);
        }
        return new ElementHeader(tag, vr, ReadUInt32(bytes[8..], bigEndian), 12);
    }

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
