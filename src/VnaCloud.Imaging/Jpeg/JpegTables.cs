using System.Buffers.Binary;

namespace VnaCloud.Imaging;

/// <summary>The tables and the restart interval that a stream has defined so far (T.81 section B.2.4).</summary>
internal sealed class JpegTables
{
    /// <summary>T.81 Table B.5: four destinations of each kind.</summary>
    private const int Destinations = 4;
    private const int HighestAcClass = 1;
    private readonly int[][] _quantization = new int[Destinations][];

    // Where a definition stands in the stream, 0 for nowhere: it is made a table when a scan uses it, so that a stream of nothing but
    // definitions costs no more than reading it.
    private readonly int[] _huffman = new int[2 * Destinations];

    /// <summary>MCUs between restart markers; 0 for none.</summary>
    public int RestartInterval { get; private set; }

    /// <param name="stream">The stream that the definitions were read from.</param>
    /// <param name="scan">Who asks.</param>
    /// <param name="tableClass">0 for DC and lossless, 1 for AC.</param>
    /// <param name="destination">As the scan says.</param>
    /// <exception cref="ImageException">There is no such table.</exception>
    public JpegHuffmanTable Huffman(ReadOnlySpan<byte> stream, JpegScan scan, int tableClass, int destination)
    {
        var offset = destination < Destinations ? _huffman[tableClass * Destinations + destination] : 0;
        return offset > 0 ? new JpegHuffmanTable(stream.Slice(offset, 16), stream[(offset + 16)..], offset)
            : throw new ImageException($"The JPEG scan at byte {scan.Start} uses {(tableClass == 0 ? "DC" : "AC")} Huffman table {destination}, which the stream has not defined.");
    }

    /// <summary>Steps in zigzag order.</summary>
    /// <exception cref="ImageException">There is no such table.</exception>
    public int[] Quantization(JpegScan scan, int destination) =>
        destination < Destinations && _quantization[destination] is { } table ? table
            : throw new ImageException($"The JPEG scan at byte {scan.Start} uses quantization table {destination}, which the stream has not defined.");

    /// <summary>DQT, T.81 section B.2.4.1.</summary>
    public void ReadQuantization(ReadOnlySpan<byte> parameters, int start)
    {
        while (parameters.Length > 0)
        {
            var (precision, destination) = (parameters[0] >> 4, parameters[0] & 0x0F);
            var length = 1 + 64 * (precision + 1);
            if (precision > 1 || destination >= Destinations || parameters.Length < length)
            {
                throw new ImageException($"The JPEG quantization tables (DQT at byte {start}) are wrong.");
            }
            var table = _quantization[destination] = new int[64];
            for (var i = 0; i < 64; i++)
            {
                table[i] = precision == 0 ? parameters[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(parameters[(1 + 2 * i)..]);
            }
            parameters = parameters[length..];
        }
    }

    /// <summary>DHT, T.81 section B.2.4.2.</summary>
    public void ReadHuffman(ReadOnlySpan<byte> parameters, int start)
    {
        for (var at = 0; at < parameters.Length;)
        {
            var (tableClass, destination) = (parameters[at] >> 4, parameters[at] & 0x0F);
            var symbols = 0;
            for (var i = 1; i <= 16 && at + i < parameters.Length; i++)
            {
                symbols += parameters[at + i];
            }
            if (tableClass > HighestAcClass || destination >= Destinations || symbols > 256 || parameters.Length - at < 17 + symbols)
            {
                throw new ImageException($"The JPEG Huffman tables (DHT at byte {start}) are wrong.");
            }
            // The length of the segment stands before its parameters.
            _huffman[tableClass * Destinations + destination] = start + 2 + at + 1;
            at += 17 + symbols;
        }
    }

    /// <summary>DRI, T.81 section B.2.4.4.</summary>
    public void ReadRestartInterval(ReadOnlySpan<byte> parameters, int start) =>
        RestartInterval = parameters.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(parameters)
            : throw new ImageException($"The JPEG restart interval (DRI at byte {start}) is wrong.");
}
