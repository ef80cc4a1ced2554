using System.Buffers.Binary;

namespace VnaCloud.Imaging;

/// <summary>Decodes JPEG streams (ITU-T T.81) of the Huffman-coded sequential and lossless processes.</summary>
internal static class JpegDecoder
{
    /// <summary>
    /// Writes the samples of the components as they are in the stream, without colour conversion, interleaved by pixel and at full
    /// resolution: a byte each up to 8 bits, else two, little endian.
    /// </summary>
    /// <param name="stream">From SOI; what follows the last scan does not matter, an absent EOI neither.</param>
    /// <param name="header">Read from the same stream.</param>
    /// <param name="output">Exactly <see cref="JpegHeader.OutputLength"/> bytes.</param>
    /// <param name="cancellation">Looked at between rows.</param>
    /// <exception cref="ImageException">The process is not supported, or the stream is wrong or ends early.</exception>
    public static void Decode(ReadOnlySpan<byte> stream, JpegHeader header, Span<byte> output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (output.Length != header.OutputLength)
        {
            throw new ArgumentException($"{output.Length} bytes for a JPEG frame of {header.OutputLength}.", nameof(output));
        }
        RequireSupported(header);
        var tables = new JpegTables();
        var segments = new JpegSegments(stream);
        for (var done = 0; done != (1 << header.Components.Count) - 1;)
        {
            var marker = segments.NextMarker();
            var start = segments.Position;
            if (marker is JpegMarker.EndOfImage or JpegMarker.StartOfImage || (done != 0 && JpegMarker.IsFrame(marker)))
            {
                throw new ImageException($"The JPEG image ends at byte {start} before all of its {header.Components.Count} components.");
            }
            if (JpegMarker.IsBare(marker))
            {
                continue;
            }
            var parameters = segments.Parameters();
            if (marker == JpegMarker.StartOfScan)
            {
                var scan = JpegScan.Read(parameters, header, done, start);
                segments.Position = DecodeScan(new JpegBits(stream, segments.Position), stream, header, scan, tables, output, cancellation);
                done = scan.Components.Aggregate(done, (all, component) => all | 1 << component.Index);
            }
            else
            {
                ReadTables(marker, parameters, start, header, tables);
            }
        }
    }

    private static int DecodeScan(JpegBits bits, ReadOnlySpan<byte> stream, JpegHeader header, JpegScan scan, JpegTables tables, Span<byte> output, CancellationToken cancellation)
    {
        if (header.Process == JpegProcess.Lossless)
        {
            new LosslessScan(header, scan, tables, stream).Decode(ref bits, output, cancellation);
        }
        else
        {
            new SequentialScan(header, scan, tables, stream).Decode(ref bits, output, cancellation);
        }
        return bits.Position;
    }

    private static void ReadTables(byte marker, ReadOnlySpan<byte> parameters, int start, JpegHeader header, JpegTables tables)
    {
        switch (marker)
        {
            case JpegMarker.DefineHuffmanTables:
                tables.ReadHuffman(parameters, start);
                break;
            case JpegMarker.DefineQuantizationTables:
                tables.ReadQuantization(parameters, start);
                break;
            case JpegMarker.DefineRestartInterval:
                tables.ReadRestartInterval(parameters, start);
                break;
            case JpegMarker.DefineNumberOfLines when parameters.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(parameters) != header.Height:
                throw new ImageException($"A JPEG DNL segment at byte {start} has another height than the frame's {header.Height}.");
        }
    }

    private static void RequireSupported(JpegHeader header)
    {
        if (header.Process is not (JpegProcess.Baseline or JpegProcess.ExtendedSequential or JpegProcess.Lossless))
        {
            throw new ImageException($"{header.Process} JPEG (SOF{(int)header.Process}) is not supported.");
        }
        foreach (var component in header.Components)
        {
            if (header.MaxHorizontal % component.Horizontal != 0 || header.MaxVertical % component.Vertical != 0)
            {
                // Two samples for three pixels: T.81 has it, IJG's and so DCMTK's decoders have not.
                throw new ImageException($"JPEG component {component.Id} of {component.Horizontal} by {component.Vertical} samples for "
                    + $"{header.MaxHorizontal} by {header.MaxVertical} pixels is not supported.");
            }
        }
    }
}
