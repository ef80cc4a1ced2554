namespace VnaCloud.Imaging.Tests;

/// <summary>A stream of random DCT coefficients (T.81 Annex F): what its samples are is for an oracle to say.</summary>
internal sealed record SequentialStream(JpegProcess Process, int Precision, int Width, int Height, IReadOnlyList<(int H, int V)> Sampling)
{
    public bool IsInterleaved { get; init; } = true;

    public int RestartInterval { get; init; }

    public int Seed { get; init; }

    public byte[] Encode()
    {
        var random = new Random(Seed);
        var writer = new JpegStreamWriter().DcTable(16, Seed).AcTable(Seed);
        writer.Segment(JpegMarker.DefineQuantizationTables, [0, .. Enumerable.Range(0, 64).Select(k => (byte)(1 + k / 4))]);
        writer.Restarts(RestartInterval).Frame(Process, Precision, Width, Height, Sampling);
        var all = Enumerable.Range(0, Sampling.Count).ToArray();
        foreach (var scan in IsInterleaved ? [all] : all.Select(i => new[] { i }))
        {
            writer.Scan(scan, 0, 63, 0);
            Scan(writer, scan, random);
        }
        return writer.End();
    }

    private void Scan(JpegStreamWriter writer, int[] scan, Random random)
    {
        var (h, v) = (Sampling.Max(factors => factors.H), Sampling.Max(factors => factors.V));
        var (across, down) = scan.Length == 1
            ? (Blocks((Width * Sampling[scan[0]].H + h - 1) / h, 1), Blocks((Height * Sampling[scan[0]].V + v - 1) / v, 1))
            : (Blocks(Width, h), Blocks(Height, v));
        var dc = new int[scan.Length];
        for (var mcu = 0; mcu < across * down; mcu++)
        {
            if (mcu > 0 && RestartInterval > 0 && mcu % RestartInterval == 0)
            {
                writer.Restart(mcu / RestartInterval - 1);
                Array.Clear(dc);
            }
            for (var i = 0; i < scan.Length; i++)
            {
                var units = scan.Length == 1 ? 1 : Sampling[scan[i]].H * Sampling[scan[i]].V;
                for (var unit = 0; unit < units; unit++)
                {
                    Block(writer, ref dc[i], random);
                }
            }
        }
        writer.Align();
    }

    private void Block(JpegStreamWriter writer, ref int dc, Random random)
    {
        var range = 3 << Precision;
        var next = random.Next(-range, range);
        writer.Code(0, 0, next - dc);
        dc = next;
        var k = 0;
        for (var left = random.Next(4) == 0 ? 0 : random.Next(20); left > 0; left--)
        {
            var run = random.Next(random.Next(5) == 0 ? 40 : 4);
            if (k + run + 1 > 63)
            {
                break;
            }
            k += run + 1;
            for (; run > 15; run -= 16)
            {
                writer.Symbol(0xF0);
            }
            var amplitude = Math.Max(range / 8 / (k + 3), 2);
            var value = random.Next(1, amplitude);
            writer.Code(1, run, random.Next(2) == 0 ? value : -value);
        }
        if (k < 63)
        {
            writer.Symbol(0);
        }
    }

    private static int Blocks(int samples, int factor) => (samples + 8 * factor - 1) / (8 * factor);
}
