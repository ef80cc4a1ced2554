namespace VnaCloud.Dicom;

public sealed partial class DicomReader
{
    private const int ArenaBlock = 8 * 1024;
    private const int FirstGrowth = 64 * 1024;
    private byte[] _arena = [];
    private int _arenaUsed;

    private ElementHeader ReadHeader(Level level)
    {
        var header = ParseHeader(_source.Window.Span, level.ImplicitVr, level.BigEndian);
        if (header.Tag.Group == 0xFFFE)
        {
            return header;
        }
        if (level.ImplicitVr)
        {
            return header with { Vr = ImplicitVr(header.Tag, header.IsUndefined, level.DataSet!) };
        }
        if (header.Vr.IsKnown())
        {
            return header;
        }
        // PS3.5 section 7.1.2: VRs still to come have the long form. Letters only: anything else is not a VR, and its length not a length.
        var letters = (ushort)header.Vr;
        if (!char.IsAsciiLetterUpper((char)(letters >> 8)) || !char.IsAsciiLetterUpper((char)(letters & 0xFF)))
        {
            throw Fault(DicomFault.Malformed, "The VR is not two letters", header.Tag);
        }
        Warnings |= DicomReadWarnings.UnknownVr;
        return header with { Vr = DicomVr.UN };
    }

    private static DicomVr ImplicitVr(DicomTag tag, bool undefinedLength, DicomDataSet dataSet)
    {
        var vr = DicomDictionary.VrOf(tag, dataSet.PrivateCreatorOf(tag));
        if (vr == DicomVr.US && DicomDictionary.Find(tag) is { } entry && entry.AlternativeVrs.Contains(DicomVr.SS) && IsSigned(dataSet))
        {
            return DicomVr.SS;
        }
        // Only sequences and pixel data have undefined lengths (PS3.5 section 7.1.3).
        return undefinedLength && !tag.IsPixelData && vr != DicomVr.SQ ? DicomVr.SQ : vr;
    }

    // "US or SS" follows Pixel Representation (0028,0103) of the image, also for the items within it.
    private static bool IsSigned(DicomDataSet dataSet)
    {
        for (var at = dataSet; at is not null; at = at.Parent)
        {
            if (at[DicomTags.PixelRepresentation] is { Length: >= 2 } representation)
            {
                return (representation.Value.Span[0] | representation.Value.Span[1]) == 1;
            }
        }
        return false;
    }

    private async ValueTask ReadValueAsync(ElementHeader header, Level level, CancellationToken cancellation)
    {
        RequireInside(Position + header.Length, level, header.Tag);
        if ((header.Length & 1) != 0)
        {
            Warnings |= DicomReadWarnings.OddLength;
        }
        var offset = Position;
        var pixels = header.Tag.IsPixelData && _levels.Count == 1;
        if (pixels && TransferSyntax.IsEncapsulated && TransferSyntax.IsKnown && header.Tag == DicomTags.PixelData)
        {
            throw Fault(DicomFault.Malformed, "Pixel data of defined length in an encapsulated transfer syntax", header.Tag);
        }
        var keep = pixels ? _options.KeepPixelData : header.Vr.IsBinary() ? _options.KeepBinary : _options.KeepOther;
        if (header.Length > keep)
        {
            await SkipValueAsync(header, cancellation);
            Add(level, DicomElement.Located(header.Tag, header.Vr, offset, header.Length, level.BigEndian));
            return;
        }
        if (!pixels)
        {
            CountHeaderBytes(header.Length, header.Tag);
        }
        var value = await TakeAsync(header.Length, header.Tag, cancellation);
        Add(level, new DicomElement(header.Tag, header.Vr, value, level.BigEndian) { Offset = offset });
    }

    private async ValueTask SkipValueAsync(ElementHeader header, CancellationToken cancellation)
    {
        var skipped = await _source.SkipAsync(header.Length, cancellation);
        if (skipped < header.Length)
        {
            throw Fault(DicomFault.Truncated, $"The value ends after {skipped} of {header.Length} bytes", header.Tag);
        }
    }

    // Short values share blocks; long ones grow as their bytes arrive, since the declared length is only a claim.
    private async ValueTask<Memory<byte>> TakeAsync(uint length, DicomTag tag, CancellationToken cancellation)
    {
        if (length <= _source.Window.Length)
        {
            var value = Allocate((int)length);
            _source.Window.Span[..(int)length].CopyTo(value.Span);
            _source.Advance((int)length);
            return value;
        }
        var bytes = new byte[Math.Min(length, FirstGrowth)];
        var filled = 0;
        while (filled < length)
        {
            if (_source.Window.Length == 0 && !await _source.FillAsync(cancellation))
            {
                throw Fault(DicomFault.Truncated, $"The value ends after {filled} of {length} bytes", tag);
            }
            if (filled == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(length, 2L * bytes.Length));
            }
            var take = Math.Min(bytes.Length - filled, _source.Window.Length);
            _source.Window.Span[..take].CopyTo(bytes.AsSpan(filled));
            _source.Advance(take);
            filled += take;
        }
        return bytes;
    }

    private Memory<byte> Allocate(int length)
    {
        if (length > ArenaBlock / 4)
        {
            return new byte[length];
        }
        if (_arenaUsed + length > _arena.Length)
        {
            _arena = new byte[ArenaBlock];
            _arenaUsed = 0;
        }
        var value = _arena.AsMemory(_arenaUsed, length);
        _arenaUsed += length;
        return value;
    }
}
