namespace VnaCloud.Imaging.Tests;

/// <summary>A lossless image of random walks, and its stream (T.81 Annex H).</summary>
internal sealed record LosslessStream(int Precision, int Predictor, int Shift, int Width, int Height, IReadOnlyList<(int H, int V)> Sampling)
{
    public bool IsInterleaved { get; init; } = true;

    /// <summary>Rows of MCUs between restart markers; 0 for none.</summary>
    public int RestartRows { get; init; }

    public int Seed { get; init; }

    /// <summary>The samples by pixel, those that pixels share repeated; the bits that the point transform takes are zero.</summary>
    public int[] Pixels()
    {
        var planes = Planes();
        return [.. from y in Enumerable.Range(0, Height) from x in Enumerable.Range(0, Width) from i in Enumerable.Range(0, planes.Length)
                   select planes[i][y * Sampling[i].V / Down, x * Sampling[i].H / Across] << Shift];
    }

    public byte[] Encode()
    {
        var writer = new JpegStreamWriter().DcTable(17, Seed).Frame(JpegProcess.Lossless, Precision, Width, Height, Sampling);
        var planes = Planes();
        var scans = IsInterleaved ? [[.. Enumerable.Range(0, planes.Length)]] : Enumerable.Range(0, planes.Length).Select(i => new[] { i });
        foreach (var scan in scans)
        {
            Scan(writer, planes, scan);
        }
        return writer.End();
    }

    private int Across => Sampling.Max(factors => factors.H);

    private int Down => Sampling.Max(factors => factors.V);

    private void Scan(JpegStreamWriter writer, int[][,] planes, int[] scan)
    {
        var single = scan.Length == 1;
        var first = planes[scan[0]];
        var (across, down) = single ? (first.GetLength(1) - Padding(scan[0]).X, first.GetLength(0) - Padding(scan[0]).Y) : ((Width + Across - 1) / Across, (Height + Down - 1) / Down);
        writer.Restarts(RestartRows * across).Scan(scan, Predictor, 0, Shift);
        for (var row = 0; row < down; row++)
        {
            if (row > 0 && RestartRows > 0 && row % RestartRows == 0)
            {
                writer.Restart(row / RestartRows - 1);
            }
            var top = RestartRows == 0 ? 0 : row / RestartRows * RestartRows;
            for (var mcu = 0; mcu < across; mcu++)
            {
                foreach (var i in scan)
                {
                    var (h, v) = single ? (1, 1) : Sampling[i];
                    for (var unit = 0; unit < h * v; unit++)
                    {
                        writer.Code(0, 0, Difference(planes[i], mcu * h + unit % h, row * v + unit / h, top * v));
                    }
                }
            }
        }
        writer.Align();
    }

    // T.81 Table H.1 and section H.1.2.1; a size of 16 is that of 32768 alone.
    private int Difference(int[,] plane, int x, int y, int top)
    {
        var left = x > 0 ? plane[y, x - 1] : 0;
        var above = y > top ? plane[y - 1, x] : 0;
        var aboveLeft = x > 0 && y > top ? plane[y - 1, x - 1] : 0;
        var predicted = (x, y) switch
        {
            (0, _) when y == top => 1 << (Precision - Shift - 1),
            (_, _) when y == top => left,
            (0, _) => above,
            _ => Predictor switch
            {
                1 => left,
                2 => above,
                3 => aboveLeft,
                4 => left + above - aboveLeft,
                5 => left + ((above - aboveLeft) >> 1),
                6 => above + ((left - aboveLeft) >> 1),
                _ => (left + above) >> 1,
            },
        };
        var difference = (short)(plane[y, x] - predicted);
        return difference == short.MinValue ? 32768 : difference;
    }

    private (int X, int Y) Padding(int i)
    {
        var (wide, high) = ((Width * Sampling[i].H + Across - 1) / Across, (Height * Sampling[i].V + Down - 1) / Down);
        return ((Width + Across - 1) / Across * Sampling[i].H - wide, (Height + Down - 1) / Down * Sampling[i].V - high);
    }

    // With the padding of the last MCUs.
    private int[][,] Planes()
    {
        var random = new Random(Seed);
        var largest = (1 << (Precision - Shift)) - 1;
        return [.. Sampling.Select(factors =>
        {
            var plane = new int[(Height + Down - 1) / Down * factors.V, (Width + Across - 1) / Across * factors.H];
            var value = largest / 2;
            for (var i = 0; i < plane.Length; i++)
            {
                var step = random.Next(10) == 0 ? largest : Math.Max(largest / 50, 1);
                value = random.Next(40) == 0 ? random.Next(2) * largest : Math.Clamp(value + random.Next(-step, step + 1), 0, largest);
                plane[i / plane.GetLength(1), i % plane.GetLength(1)] = value;
            }
            return plane;
        })];
    }
}
