namespace VnaCloud.Imaging.Tests;

/// <summary>Writes JPEG streams segment by segment and bit by bit (T.81 Annex B), such as no encoder at hand writes.</summary>
internal sealed class JpegStreamWriter
{
    private readonly List<byte> _bytes = [0xFF, JpegMarker.StartOfImage];
    private readonly Dictionary<(int Class, int Symbol), (int Code, int Length)> _codes = [];
    private uint _bits;
    private int _count;

    public JpegStreamWriter Segment(byte marker, params ReadOnlySpan<byte> parameters)
    {
        _bytes.AddRange([0xFF, marker, (byte)((parameters.Length + 2) >> 8), (byte)(parameters.Length + 2)]);
        _bytes.AddRange(parameters);
        return this;
    }

    public JpegStreamWriter Frame(JpegProcess process, int precision, int width, int height, IReadOnlyList<(int H, int V)> sampling) =>
        Segment((byte)(0xC0 | (int)process), [(byte)precision, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)sampling.Count,
            .. sampling.SelectMany((factors, i) => new[] { (byte)(i + 1), (byte)(factors.H << 4 | factors.V), (byte)0 })]);

    public JpegStreamWriter Restarts(int interval) =>
        interval == 0 ? this : Segment(JpegMarker.DefineRestartInterval, (byte)(interval >> 8), (byte)interval);

    public JpegStreamWriter Scan(IEnumerable<int> components, int selection, int end, int shift) =>
        Segment(JpegMarker.StartOfScan, [(byte)components.Count(), .. components.SelectMany(i => new byte[] { (byte)(i + 1), 0 }), (byte)selection, (byte)end, (byte)shift]);

    /// <summary>Seventeen symbols: three of two bits, one of each length up to 16; which is which depends on the seed.</summary>
    public JpegStreamWriter DcTable(int symbols, int seed)
    {
        var order = Enumerable.Range(0, symbols).Select(symbol => (byte)symbol).ToArray();
        new Random(seed).Shuffle(order);
        byte[] counts = [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, (byte)(symbols - 16)];
        return Table(0, counts, order);
    }

    /// <summary>All 256 symbols, half of them in 8 bits, half in 16.</summary>
    public JpegStreamWriter AcTable(int seed)
    {
        var order = Enumerable.Range(0, 256).Select(symbol => (byte)symbol).ToArray();
        new Random(seed).Shuffle(order);
        return Table(1, [0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 128], order);
    }

    public JpegStreamWriter Table(int tableClass, byte[] counts, byte[] symbols)
    {
        var (code, at) = (0, 0);
        for (var length = 1; length <= 16; length++, code <<= 1)
        {
            for (var i = 0; i < counts[length - 1]; i++)
            {
                _codes[(tableClass, symbols[at++])] = (code++, length);
            }
        }
        return Segment(JpegMarker.DefineHuffmanTables, [(byte)(tableClass << 4), .. counts, .. symbols]);
    }

    /// <summary>A symbol whose low four bits, or 16, are the length of the value behind it.</summary>
    public void Code(int tableClass, int run, int value)
    {
        var size = value == 0 ? 0 : 32 - int.LeadingZeroCount(Math.Abs(value));
        var (code, length) = _codes[(tableClass, run << 4 | size)];
        Bits(code, length);
        if (size is > 0 and < 16)
        {
            Bits(value > 0 ? value : value + (1 << size) - 1, size);
        }
    }

    /// <summary>One of the symbols without a value: end of block, sixteen zeros.</summary>
    public void Symbol(int symbol)
    {
        var (code, length) = _codes[(1, symbol)];
        Bits(code, length);
    }

    /// <summary>Fills the last byte with ones, and writes a restart marker.</summary>
    public void Restart(int number)
    {
        Align();
        _bytes.AddRange([0xFF, (byte)(JpegMarker.FirstRestart + (number & 7))]);
    }

    /// <summary>Fills the last byte with ones.</summary>
    public void Align() => Bits((1 << (-_count & 7)) - 1, -_count & 7);

    public byte[] End()
    {
        Align();
        return [.. _bytes, 0xFF, JpegMarker.EndOfImage];
    }

    private void Bits(int value, int length)
    {
        _bits = _bits << length | (uint)value;
        _count += length;
        while (_count >= 8)
        {
            _count -= 8;
            var next = (byte)(_bits >> _count);
            _bytes.Add(next);
            if (next == 0xFF)
            {
                _bytes.Add(0);
            }
        }
    }
}
