using System.Buffers.Binary;

namespace VnaCloud.Dicom;

public sealed partial class DicomReader
{
    // Encapsulated pixel data (PS3.5 section A.4): the Basic Offset Table item, fragments, the sequence delimitation item.
    private async ValueTask ReadFragmentsAsync(ElementHeader header, Level level, CancellationToken cancellation)
    {
        var top = _levels.Count == 1 && header.Tag.IsPixelData;
        var keep = top ? _options.KeepPixelData : _options.KeepBinary;
        var values = new List<ReadOnlyMemory<byte>>();
        var pixels = new EncapsulatedPixelData { Offset = Position, Values = keep > 0 ? values : null };
        var table = true;
        while (true)
        {
            var offset = Position;
            var item = await ReadFragmentHeaderAsync(header.Tag, level, cancellation);
            if (item.Tag.Value == SequenceDelimitation)
            {
                pixels.Length = offset - pixels.Offset;
                Add(level, new DicomElement(header.Tag, header.Vr, pixels) { Offset = pixels.Offset });
                return;
            }
            RequireInside(Position + item.Length, level, header.Tag);
            if (table)
            {
                table = false;
                pixels.BasicOffsetTable = await ReadOffsetTableAsync(item, header.Tag, level.BigEndian, cancellation);
                continue;
            }
            if (pixels.Items.Count >= _limits.Fragments)
            {
                throw Fault(DicomFault.LimitExceeded, $"More than {_limits.Fragments} fragments", header.Tag);
            }
            pixels.Items.Add(await ReadFragmentAsync(item, header.Tag, offset, keep > 0 ? values : null, keep, cancellation));
        }
    }

    private async ValueTask<ElementHeader> ReadFragmentHeaderAsync(DicomTag tag, Level level, CancellationToken cancellation)
    {
        if (!await EnsureAsync(8, cancellation))
        {
            throw Fault(DicomFault.Truncated, "Encapsulated pixel data ends without a sequence delimitation item", tag);
        }
        var item = ParseHeader(_source.Window.Span, implicitVr: true, level.BigEndian);
        if (item.Tag.Value is not (Item or SequenceDelimitation) || item.IsUndefined)
        {
            throw Fault(DicomFault.Malformed, $"{item.Tag} where a fragment should begin", tag);
        }
        _source.Advance(8);
        return item;
    }

    private async ValueTask<uint[]> ReadOffsetTableAsync(ElementHeader item, DicomTag tag, bool bigEndian, CancellationToken cancellation)
    {
        if (item.Length > 4L * _limits.Fragments)
        {
            throw Fault(DicomFault.LimitExceeded, $"The Basic Offset Table has more than {_limits.Fragments} entries", tag);
        }
        var bytes = (await TakeAsync(item.Length, tag, cancellation)).Span;
        var table = new uint[bytes.Length / 4];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = ReadUInt32(bytes[(4 * i)..], bigEndian);
        }
        return table;
    }

    private async ValueTask<PixelFragment> ReadFragmentAsync(ElementHeader item, DicomTag tag, long offset, List<ReadOnlyMemory<byte>>? values, long keep, CancellationToken cancellation)
    {
        var head = await PeekHeadAsync(item.Length, cancellation);
        if (values is not null && item.Length <= keep)
        {
            values.Add(await TakeAsync(item.Length, tag, cancellation));
        }
        else
        {
            await SkipValueAsync(item with { Tag = tag }, cancellation);
        }
        return new PixelFragment(offset, item.Length, head);
    }

    private async ValueTask<uint> PeekHeadAsync(uint length, CancellationToken cancellation)
    {
        var count = (int)Math.Min(4, length);
        await EnsureAsync(count, cancellation);
        Span<byte> head = stackalloc byte[4];
        head.Clear();
        var window = _source.Window.Span;
        window[..Math.Min(count, window.Length)].CopyTo(head);
        return BinaryPrimitives.ReadUInt32BigEndian(head);
    }
}
