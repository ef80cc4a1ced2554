namespace VnaCloud.Imaging;

/// <summary>A scan of the lossless process (T.81 Annex H).</summary>
internal sealed class LosslessScan
{
    /// <summary>SSSS of a difference of 32768, which no bits follow (T.81 section H.1.2.2).</summary>
    private const int HalfRange = 16;
    private readonly JpegHeader _header;
    private readonly JpegScan _scan;
    private readonly JpegLayout _layout;
    private readonly JpegHuffmanTable[] _tables;

    // Of each component: the last line of the MCU row before, and the lines of this one.
    private readonly ushort[][] _lines;
    private readonly ushort[] _pixels;
    private readonly int _rowsPerRestart;

    /// <exception cref="ImageException">The scan header asks for what the process has not.</exception>
    public LosslessScan(JpegHeader header, JpegScan scan, JpegTables tables, ReadOnlySpan<byte> stream)
    {
        (_header, _scan, _layout) = (header, scan, JpegLayout.Of(header, scan, 1));
        if (scan.Selection is < 1 or > 7 || scan.Shift >= header.Precision)
        {
            throw new ImageException($"The lossless JPEG scan at byte {scan.Start} has predictor {scan.Selection} and point transform {scan.Shift} for {header.Precision} bits.");
        }
        if (tables.RestartInterval % _layout.McusPerRow != 0)
        {
            // T.81 section H.1.1: a restart begins a line. What the neighbours of a sample were after any other, nobody says.
            throw new ImageException($"The lossless JPEG scan at byte {scan.Start} restarts each {tables.RestartInterval} MCUs, within its rows of {_layout.McusPerRow}.");
        }
        _rowsPerRestart = tables.RestartInterval / _layout.McusPerRow;
        _tables = new JpegHuffmanTable[scan.Components.Length];
        _lines = new ushort[scan.Components.Length][];
        _pixels = new ushort[Enumerable.Range(0, _tables.Length).Max(i => Stride(i) * _layout.Planes[i].ScaleAcross)];
        for (var i = 0; i < _tables.Length; i++)
        {
            _tables[i] = tables.Huffman(stream, scan, 0, scan.Components[i].DcTable);
            _lines[i] = new ushort[(_layout.Planes[i].UnitsDown + 1) * Stride(i)];
            if (_tables[i].LargestSymbol > HalfRange)
            {
                throw new ImageException($"The lossless JPEG scan at byte {scan.Start} uses a Huffman table with differences of {_tables[i].LargestSymbol} bits.");
            }
        }
    }

    public void Decode(ref JpegBits bits, Span<byte> output, CancellationToken cancellation)
    {
        var target = new JpegOutput(output, _header);
        for (var row = 0; row < _layout.McuRows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            var isFirst = row == 0;
            if (row > 0 && _rowsPerRestart > 0 && row % _rowsPerRestart == 0)
            {
                bits.Restart(row / _rowsPerRestart - 1);
                isFirst = true;
            }
            if (_lines.Length == 1)
            {
                ReadLine(ref bits, _tables[0], Line(0, 1));
            }
            else
            {
                ReadInterleaved(ref bits);
            }
            bits.RequireReal();
            for (var i = 0; i < _lines.Length; i++)
            {
                FinishLines(i, row, isFirst, target);
            }
        }
    }

    private int Stride(int index) => _layout.McusPerRow * _layout.Planes[index].UnitsAcross;

    private Span<ushort> Line(int index, int line) => _lines[index].AsSpan(line * Stride(index), Stride(index));

    private static void ReadLine(ref JpegBits bits, JpegHuffmanTable table, Span<ushort> line)
    {
        // A local stays in registers.
        var local = bits;
        for (var x = 0; x < line.Length; x++)
        {
            line[x] = Difference(ref local, table);
        }
        bits = local;
    }

    private void ReadInterleaved(ref JpegBits bits)
    {
        var local = bits;
        for (var mcu = 0; mcu < _layout.McusPerRow; mcu++)
        {
            for (var i = 0; i < _lines.Length; i++)
            {
                var (plane, table, lines, stride) = (_layout.Planes[i], _tables[i], _lines[i], Stride(i));
                for (var y = 1; y <= plane.UnitsDown; y++)
                {
                    for (var x = 0; x < plane.UnitsAcross; x++)
                    {
                        lines[y * stride + mcu * plane.UnitsAcross + x] = Difference(ref local, table);
                    }
                }
            }
        }
        bits = local;
    }

    private static ushort Difference(ref JpegBits bits, JpegHuffmanTable table)
    {
        bits.Fill();
        var size = table.Decode(ref bits);
        return size switch
        {
            0 => 0,
            HalfRange => 0x8000,
            _ => (ushort)bits.TakeExtended(size),
        };
    }

    private void FinishLines(int index, int row, bool isFirst, JpegOutput target)
    {
        var plane = _layout.Planes[index];
        for (var i = 1; i <= plane.UnitsDown; i++)
        {
            if (isFirst && i == 1)
            {
                LosslessPredictor.UndoFirst(Line(index, i), 1 << (_header.Precision - _scan.Shift - 1));
            }
            else
            {
                LosslessPredictor.Undo(_scan.Selection, Line(index, i), Line(index, i - 1));
            }
            Write(Line(index, i), row * plane.UnitsDown + i - 1, plane, target);
        }
        Line(index, plane.UnitsDown).CopyTo(Line(index, 0));
    }

    private void Write(ReadOnlySpan<ushort> line, int at, JpegPlane plane, JpegOutput target)
    {
        if (_scan.Shift > 0 || plane.ScaleAcross > 1)
        {
            for (var x = 0; x < line.Length * plane.ScaleAcross; x++)
            {
                _pixels[x] = (ushort)(line[x / plane.ScaleAcross] << _scan.Shift);
            }
            line = _pixels;
        }
        for (var y = 0; y < plane.ScaleDown; y++)
        {
            target.Write(line, at * plane.ScaleDown + y, plane.Component);
        }
    }
}
