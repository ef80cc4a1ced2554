using System.IO.Compression;
using VnaCloud.Archive;
using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>
/// Decodes a PNG from the spool to native little endian pixels in the spool, a row at a time: 8 bits grey or RGB, or 16 where it has 16.
/// Alpha is dropped, a palette becomes RGB, fewer bits are spread over eight; gamma and profiles are left as they are.
/// </summary>
internal sealed class PngDecoder
{
    /// <summary>Bytes that are written at once.</summary>
    private const int BatchBytes = 256 * 1024;

    private readonly PngHeader _header;
    private readonly int _columns;
    private readonly int _pixelBytes;
    private byte[] _row;
    private byte[] _above;

    // Of the whole picture, or of one pass of an interlaced one.
    private PngDecoder(PngHeader header, int columns)
    {
        _header = header;
        _columns = columns;
        var bits = header.Depth * header.Channels;
        _pixelBytes = Math.Max(1, bits / 8);
        _row = new byte[(((long)columns * bits) + 7) / 8];
        _above = new byte[_row.Length];
    }

    private int SampleBytes => _header.Depth == 16 ? 2 : 1;

    private int OutputRow => _columns * _header.Samples * SampleBytes;

    public static (ImageHeader Header, SpoolRange Pixels) Decode(Spool spool, SpoolRange part)
    {
        var bytes = new SpoolReader(spool, part);
        var header = PngHeader.Read(bytes);
        var decoder = new PngDecoder(header, header.Columns);
        if ((long)decoder.OutputRow * header.Rows > MetadataLimits.DecodedBytes)
        {
            throw new BulkFaultException(FailureReason.OutOfResources, $"The pixels of the PNG are more than {MetadataLimits.DecodedBytes} bytes.");
        }
        try
        {
            using var pixels = new ZLibStream(new PngDataStream(bytes, header.FirstData), CompressionMode.Decompress);
            var decoded = !header.IsInterlaced ? decoder.Run(pixels, spool, header.Rows)
                : PngInterlace.Join(spool, header, decoder.OutputRow / header.Columns, (columns, rows) => new PngDecoder(header, columns).Run(pixels, spool, rows));
            return (decoder.ToHeader(), decoded);
        }
        catch (Exception wrong) when (wrong is InvalidDataException or EndOfStreamException)
        {
            throw BulkFaultException.Unreadable("The compressed pixels of the PNG are damaged or end too early.");
        }
    }

    private ImageHeader ToHeader() => new()
    {
        Rows = _header.Rows,
        Columns = _header.Columns,
        Samples = _header.Samples,
        Bits = 8 * SampleBytes,
        Photometric = _header.Samples == 1 ? "MONOCHROME2" : "RGB",
    };

    private SpoolRange Run(ZLibStream pixels, Spool spool, int rows)
    {
        var start = spool.Length;
        var batch = new byte[OutputRow * Math.Max(1, BatchBytes / OutputRow)];
        var filled = 0;
        for (var row = 0; row < rows; row++)
        {
            var filter = pixels.ReadByte();
            pixels.ReadExactly(_row);
            Unfilter(filter);
            Convert(batch.AsSpan(filled, OutputRow));
            filled += OutputRow;
            if (filled == batch.Length)
            {
                spool.Append(batch);
                filled = 0;
            }
            (_row, _above) = (_above, _row);
        }
        spool.Append(batch.AsSpan(0, filled));
        return new SpoolRange(start, spool.Length - start);
    }

    // ISO/IEC 15948 section 9.2.
    private void Unfilter(int filter)
    {
        for (var i = 0; i < _row.Length; i++)
        {
            var left = i >= _pixelBytes ? _row[i - _pixelBytes] : 0;
            var corner = i >= _pixelBytes ? _above[i - _pixelBytes] : 0;
            _row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => _above[i],
                3 => (left + _above[i]) / 2,
                4 => Paeth(left, _above[i], corner),
                _ => throw new InvalidDataException(),
            });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        var estimate = left + above - corner;
        var (toLeft, toAbove, toCorner) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private void Convert(Span<byte> output)
    {
        if (_header.Depth < 8 || _header.Colour == PngColour.Palette)
        {
            ConvertIndexes(output);
            return;
        }
        var kept = _header.Samples * SampleBytes;
        for (int column = 0, to = 0; column < _columns; column++, to += kept)
        {
            var pixel = _row.AsSpan(column * _pixelBytes, kept);
            pixel.CopyTo(output[to..]);
            for (var i = 0; i < kept && SampleBytes == 2; i += 2)
            {
                (output[to + i], output[to + i + 1]) = (pixel[i + 1], pixel[i]);
            }
        }
    }

    private void ConvertIndexes(Span<byte> output)
    {
        var (depth, mask) = (_header.Depth, (1 << _header.Depth) - 1);
        for (var column = 0; column < _columns; column++)
        {
            var bit = column * depth;
            var value = (_row[bit / 8] >> (8 - depth - (bit % 8))) & mask;
            if (_header.Colour == PngColour.Grey)
            {
                output[column] = (byte)(value * 255 / mask);
                continue;
            }
            if (3 * value >= _header.Palette.Length)
            {
                throw BulkFaultException.Unreadable("A pixel of the PNG is not in its palette.");
            }
            _header.Palette.AsSpan(3 * value, 3).CopyTo(output[(3 * column)..]);
        }
    }
}
