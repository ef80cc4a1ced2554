namespace VnaCloud.Imaging;

/// <summary>The 256 colours that suit a picture, by median cut over a cube of 64 x 64 x 64 cells.</summary>
internal sealed class ColorPalette
{
    private const int CellBits = 6;
    private const int MaxColors = 256;
    private readonly int[] _counts = new int[1 << (3 * CellBits)];
    private readonly byte[] _indexOf = new byte[1 << (3 * CellBits)];

    private ColorPalette(Picture picture)
    {
        var samples = picture.Samples.Span;
        Indexes = new byte[picture.Width * picture.Height];
        for (var i = 0; i < Indexes.Length; i++)
        {
            _counts[Cell(samples, 3 * i)]++;
        }
        var boxes = Cut();
        for (var i = 0; i < boxes.Count; i++)
        {
            Define(boxes[i].Span, (byte)i);
        }
        for (var i = 0; i < Indexes.Length; i++)
        {
            Indexes[i] = _indexOf[Cell(samples, 3 * i)];
        }
    }

    /// <summary>Red, green and blue of 256 colours.</summary>
    public byte[] Colors { get; } = new byte[3 * MaxColors];

    /// <summary>The colour of each pixel.</summary>
    public byte[] Indexes { get; }

    /// <summary>The palette of a colour picture.</summary>
    public static ColorPalette Of(Picture picture) => new(picture);

    // Beginning with all cells that occur, the box with the most pixels times its longest side is cut in two halves of as many pixels.
    private List<Memory<int>> Cut()
    {
        var cells = Enumerable.Range(0, _counts.Length).Where(cell => _counts[cell] > 0).ToArray();
        var queue = new PriorityQueue<Memory<int>, long>([(cells.AsMemory(), Weight(cells))]);
        var done = new List<Memory<int>>();
        while (queue.Count > 0 && done.Count + queue.Count < MaxColors)
        {
            var box = queue.Dequeue();
            if (box.Length == 1)
            {
                done.Add(box);
                continue;
            }
            var middle = Split(box.Span);
            queue.Enqueue(box[..middle], Weight(box.Span[..middle]));
            queue.Enqueue(box[middle..], Weight(box.Span[middle..]));
        }
        done.AddRange(queue.UnorderedItems.Select(item => item.Element));
        return done;
    }

    // Sorts along the longest side; the first half has at least one cell, and so has the second.
    private int Split(Span<int> cells)
    {
        var (channel, _) = LongestSide(cells);
        cells.Sort((left, right) => Part(left, channel) - Part(right, channel));
        var half = Pixels(cells) / 2;
        var middle = 1;
        for (long seen = _counts[cells[0]]; middle < cells.Length - 1 && seen < half; middle++)
        {
            seen += _counts[cells[middle]];
        }
        return middle;
    }

    private void Define(ReadOnlySpan<int> cells, byte index)
    {
        var pixels = Pixels(cells);
        for (var channel = 0; channel < 3; channel++)
        {
            var sum = 0L;
            foreach (var cell in cells)
            {
                sum += (long)Widen(Part(cell, channel)) * _counts[cell];
            }
            Colors[(3 * index) + channel] = (byte)((sum + (pixels / 2)) / pixels);
        }
        foreach (var cell in cells)
        {
            _indexOf[cell] = index;
        }
    }

    // The smallest comes first out of the queue.
    private long Weight(ReadOnlySpan<int> cells) => -Pixels(cells) * LongestSide(cells).Length;

    private long Pixels(ReadOnlySpan<int> cells)
    {
        var pixels = 0L;
        foreach (var cell in cells)
        {
            pixels += _counts[cell];
        }
        return pixels;
    }

    private static (int Channel, int Length) LongestSide(ReadOnlySpan<int> cells)
    {
        var best = (Channel: 0, Length: -1);
        for (var channel = 0; channel < 3; channel++)
        {
            int least = int.MaxValue, most = 0;
            foreach (var cell in cells)
            {
                least = Math.Min(least, Part(cell, channel));
                most = Math.Max(most, Part(cell, channel));
            }
            best = most - least > best.Length ? (channel, most - least) : best;
        }
        return best;
    }

    private static int Cell(ReadOnlySpan<byte> samples, int at) =>
        ((samples[at] >> (8 - CellBits)) << (2 * CellBits)) | ((samples[at + 1] >> (8 - CellBits)) << CellBits) | (samples[at + 2] >> (8 - CellBits));

    private static int Part(int cell, int channel) => (cell >> ((2 - channel) * CellBits)) & ((1 << CellBits) - 1);

    // The highest bits once more: black stays black, and white white.
    private static int Widen(int part) => (part << (8 - CellBits)) | (part >> ((2 * CellBits) - 8));
}
