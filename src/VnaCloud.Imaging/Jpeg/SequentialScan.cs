namespace VnaCloud.Imaging;

/// <summary>A scan of the baseline and extended sequential processes (T.81 Annex F), a row of MCUs at a time.</summary>
internal sealed class SequentialScan
{
    private readonly JpegHeader _header;
    private readonly JpegLayout _layout;
    private readonly SequentialBlocks[] _blocks;
    private readonly JpegBand[] _bands;
    private readonly int _restartInterval;
    private int _mcusToRestart;
    private int _restarts;

    /// <remarks>Spectral selection and approximation mean nothing here: some writers leave zeros, and every decoder reads on.</remarks>
    /// <exception cref="ImageException">The scan uses tables that are none.</exception>
    public SequentialScan(JpegHeader header, JpegScan scan, JpegTables tables, ReadOnlySpan<byte> stream)
    {
        (_header, _layout) = (header, JpegLayout.Of(header, scan, JpegBand.BlockSize));
        _restartInterval = _mcusToRestart = tables.RestartInterval;
        _blocks = new SequentialBlocks[scan.Components.Length];
        _bands = new JpegBand[scan.Components.Length];
        for (var i = 0; i < _blocks.Length; i++)
        {
            var dcTable = tables.Huffman(stream, scan, 0, scan.Components[i].DcTable);
            if (dcTable.LargestSymbol > SequentialBlocks.LongestDifference)
            {
                throw new ImageException($"The sequential JPEG scan at byte {scan.Start} uses a DC Huffman table with differences of {dcTable.LargestSymbol} bits.");
            }
            var acTable = tables.Huffman(stream, scan, 1, scan.Components[i].AcTable);
            _blocks[i] = new SequentialBlocks(dcTable, acTable, tables.Quantization(scan, header.Components[scan.Components[i].Index].Quantization));
            _bands[i] = new JpegBand(_layout.Planes[i], _layout.McusPerRow);
        }
    }

    public void Decode(ref JpegBits bits, Span<byte> output, CancellationToken cancellation)
    {
        var target = new JpegOutput(output, _header);
        for (var row = 0; row < _layout.McuRows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadRow(ref bits);
            foreach (var band in _bands)
            {
                band.Write(row, target);
            }
        }
    }

    private void ReadRow(ref JpegBits bits)
    {
        var transform = new InverseDct(_header.Precision);
        Span<int> block = stackalloc int[64];
        var local = bits;
        for (var mcu = 0; mcu < _layout.McusPerRow; mcu++)
        {
            RestartWhenDue(ref local);
            for (var i = 0; i < _bands.Length; i++)
            {
                var plane = _layout.Planes[i];
                for (var unit = 0; unit < plane.UnitsAcross * plane.UnitsDown; unit++)
                {
                    var (down, across) = Math.DivRem(unit, plane.UnitsAcross);
                    var samples = _bands[i].Block(mcu * plane.UnitsAcross + across, down);
                    block.Clear();
                    if (_blocks[i].Read(ref local, block))
                    {
                        transform.Transform(block, samples, _bands[i].Stride);
                    }
                    else
                    {
                        transform.TransformFlat(block[0], samples, _bands[i].Stride);
                    }
                }
            }
            local.RequireReal();
        }
        bits = local;
    }

    private void RestartWhenDue(ref JpegBits bits)
    {
        if (_restartInterval == 0 || _mcusToRestart-- > 0)
        {
            return;
        }
        bits.Restart(_restarts++);
        _mcusToRestart = _restartInterval - 1;
        foreach (var blocks in _blocks)
        {
            blocks.Restart();
        }
    }
}
