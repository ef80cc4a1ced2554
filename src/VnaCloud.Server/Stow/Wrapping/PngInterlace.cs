using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>
/// The seven passes of an interlaced PNG (ISO/IEC 15948 section 8.2), each a small picture of its own. They are decoded to the spool one
/// after the other and joined from there row by row: each of their rows belongs to one row of the picture.
/// </summary>
internal static class PngInterlace
{
    private static readonly (int Column, int Row, int ColumnStep, int RowStep)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <param name="spool">Where the passes are, and the picture will be.</param>
    /// <param name="header">Of the picture.</param>
    /// <param name="pixelBytes">Of a decoded pixel.</param>
    /// <param name="decode">Decodes the next pass of so many columns and rows.</param>
    public static SpoolRange Join(Spool spool, PngHeader header, int pixelBytes, Func<int, int, SpoolRange> decode)
    {
        // Passes without columns or rows are not there.
        var passes = Passes.Where(pass => pass.Column < header.Columns && pass.Row < header.Rows)
            .Select(pass => (Pass: pass, Columns: Count(header.Columns, pass.Column, pass.ColumnStep), Rows: Count(header.Rows, pass.Row, pass.RowStep)))
            .Select(part => (part.Pass, part.Columns, decode(part.Columns, part.Rows).Offset)).ToList();
        var start = spool.Length;
        var picture = new byte[header.Columns * pixelBytes];
        var row = new byte[picture.Length];
        for (var y = 0; y < header.Rows; y++)
        {
            foreach (var (pass, columns, offset) in passes)
            {
                if (y < pass.Row || (y - pass.Row) % pass.RowStep != 0)
                {
                    continue;
                }
                var part = row.AsSpan(0, columns * pixelBytes);
                spool.Read(offset + ((long)((y - pass.Row) / pass.RowStep) * part.Length), part);
                for (var x = 0; x < columns; x++)
                {
                    part.Slice(x * pixelBytes, pixelBytes).CopyTo(picture.AsSpan((pass.Column + (x * pass.ColumnStep)) * pixelBytes));
                }
            }
            spool.Append(picture);
        }
        return new SpoolRange(start, spool.Length - start);
    }

    private static int Count(int size, int first, int step) => (size - first + step - 1) / step;
}
