using System.Buffers;

namespace VnaCloud.Imaging;

/// <summary>The byte runs of a segment (PS3.5 section G.3), spread over a frame with a stride.</summary>
internal static class RleSegment
{
    private const int LongestRun = 128;
    private const int NoOperation = 128;

    /// <summary>Decodes <paramref name="length"/> bytes.</summary>
    /// <param name="frame">The frame, up to the segment's end.</param>
    /// <param name="offset">Where the segment begins in it.</param>
    /// <param name="output">Where the first byte goes.</param>
    /// <param name="stride">From there to where the next goes.</param>
    /// <param name="length">Bytes to decode.</param>
    /// <exception cref="ImageException">The segment ends before.</exception>
    /// <remarks>
    /// Bytes behind the last one wanted are padding, and a last run may reach over it: pydicom and DCMTK read on there too. A segment
    /// with less is an error, as in pydicom. DCMTK forgives it in the last segment, and shows what its buffer held: pixels that were never
    /// sent must not look as if they had been.
    /// </remarks>
    public static void Decode(ReadOnlySpan<byte> frame, int offset, Span<byte> output, int stride, int length)
    {
        var position = offset;
        var at = 0;
        for (var left = length; left > 0;)
        {
            if (position >= frame.Length)
            {
                throw Truncated(frame.Length, left, length);
            }
            int code = frame[position++];
            if (code == NoOperation)
            {
                continue;
            }
            var isLiteral = code < NoOperation;
            var run = Math.Min(isLiteral ? code + 1 : 257 - code, left);
            var taken = isLiteral ? run : 1;
            if (taken > frame.Length - position)
            {
                throw Truncated(frame.Length, left, length);
            }
            var source = frame.Slice(position, taken);
            at = isLiteral ? Copy(source, output, at, stride) : Fill(source[0], run, output, at, stride);
            position += taken;
            left -= run;
        }
    }

    /// <summary>Encodes <paramref name="length"/> bytes, row by row, to an even number of bytes (PS3.5 sections G.3.1 and G.4).</summary>
    public static void Encode(ReadOnlySpan<byte> native, int stride, int length, int rowLength, IBufferWriter<byte> output)
    {
        var row = ArrayPool<byte>.Shared.Rent(rowLength);
        try
        {
            var written = 0;
            for (var first = 0; first < length; first += rowLength)
            {
                for (int i = 0, at = first * stride; i < rowLength; i++, at += stride)
                {
                    row[i] = native[at];
                }
                written = (written + EncodeRow(row.AsSpan(0, rowLength), output)) & 1;
            }
            if (written == 1)
            {
                output.Write([(byte)0]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(row);
        }
    }

    private static int EncodeRow(ReadOnlySpan<byte> row, IBufferWriter<byte> output)
    {
        var written = 0;
        while (row.Length > 0)
        {
            var run = EqualBytes(row);
            var target = output.GetSpan(LongestRun + 1);
            if (run > 1)
            {
                (target[0], target[1]) = ((byte)(257 - run), row[0]);
                output.Advance(2);
                written += 2;
            }
            else
            {
                run = LiteralBytes(row);
                target[0] = (byte)(run - 1);
                row[..run].CopyTo(target[1..]);
                output.Advance(1 + run);
                written += 1 + run;
            }
            row = row[run..];
        }
        return written;
    }

    private static int EqualBytes(ReadOnlySpan<byte> row)
    {
        var within = row[..Math.Min(row.Length, LongestRun)];
        var end = within.IndexOfAnyExcept(row[0]);
        return end < 0 ? within.Length : end;
    }

    // Two equal bytes amid others are cheaper left among them (the note of PS3.5 section G.3.1); three begin a run.
    private static int LiteralBytes(ReadOnlySpan<byte> row)
    {
        var most = Math.Min(row.Length, LongestRun);
        for (var i = 1; i < most; i++)
        {
            if (i + 2 < row.Length && row[i] == row[i + 1] && row[i] == row[i + 2])
            {
                return i;
            }
        }
        return most;
    }

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> output, int at, int stride)
    {
        if (stride == 1)
        {
            source.CopyTo(output[at..]);
            return at + source.Length;
        }
        foreach (var value in source)
        {
            output[at] = value;
            at += stride;
        }
        return at;
    }

    private static int Fill(byte value, int run, Span<byte> output, int at, int stride)
    {
        if (stride == 1)
        {
            output.Slice(at, run).Fill(value);
            return at + run;
        }
        for (var i = 0; i < run; i++, at += stride)
        {
            output[at] = value;
        }
        return at;
    }

    private static ImageException Truncated(int end, int left, int length) =>
        new($"An RLE segment ends at byte {end} with {length - left} of its {length} bytes.");
}
