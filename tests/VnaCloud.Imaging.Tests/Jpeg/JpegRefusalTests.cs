namespace VnaCloud.Imaging.Tests;

/// <summary>What is no stream of the supported processes is said to be so, and where.</summary>
public sealed class JpegRefusalTests
{
    private static readonly LosslessStream Small = new(12, 1, 0, 9, 6, [(1, 1), (1, 1), (1, 1)]) { IsInterleaved = false, RestartRows = 2 };

    [Fact]
    public void Read_Stream_TellsProcessSizeAndComponents()
    {
        var stream = new JpegStreamWriter().Segment(JpegMarker.Application0, "JFIF\0\x01\x02"u8).Segment(JpegMarker.Application14, "Adobe\0d\0\0\0\0\x01"u8)
            .Frame(JpegProcess.ExtendedSequential, 12, 300, 200, [(2, 1), (1, 1), (1, 1)]).Scan([0, 1, 2], 0, 63, 0).End();
        var header = JpegHeader.Read(stream);
        Assert.Equal((JpegProcess.ExtendedSequential, 12, 300, 200, true, 1), (header.Process, header.Precision, header.Width, header.Height, header.HasJfif, header.AdobeTransform));
        Assert.Equal([new JpegComponent(1, 2, 1, 0), new JpegComponent(2, 1, 1, 0), new JpegComponent(3, 1, 1, 0)], header.Components);
        Assert.Equal(300 * 200 * 3 * 2, header.OutputLength);
    }

    [Fact]
    public void Read_ShortAdobeSegment_IsNone()
    {
        var stream = new JpegStreamWriter().Segment(JpegMarker.Application14, "Adobe\0\0\0\0\0"u8).Frame(JpegProcess.Baseline, 8, 8, 8, [(1, 1)]).Scan([0], 0, 63, 0).End();
        Assert.Null(JpegHeader.Read(stream).AdobeTransform);
        Assert.False(JpegHeader.Read(stream).HasJfif);
    }

    [Theory]
    [InlineData(2, 8)]
    [InlineData(5, 8)]
    [InlineData(6, 12)]
    [InlineData(7, 16)]
    [InlineData(9, 8)]
    [InlineData(10, 8)]
    [InlineData(11, 16)]
    [InlineData(15, 16)]
    public void Decode_OtherProcess_IsNamed(int process, int precision)
    {
        var stream = new JpegStreamWriter().Frame((JpegProcess)process, precision, 8, 8, [(1, 1)]).Scan([0], 0, 63, 0).End();
        Assert.Equal($"{(JpegProcess)process} JPEG (SOF{process}) is not supported.", Refused(stream));
    }

    [Theory]
    [InlineData(0, 12, 8, 8, "precision of 12 bits")]
    [InlineData(1, 16, 8, 8, "precision of 16 bits")]
    [InlineData(3, 1, 8, 8, "precision of 1 bits")]
    [InlineData(3, 17, 8, 8, "precision of 17 bits")]
    [InlineData(3, 16, 0, 8, "0 by 8 pixels")]
    [InlineData(3, 16, 8, 0, "left to DNL")]
    public void Read_ImpossibleFrame_IsRefused(int process, int precision, int width, int height, string message)
    {
        var stream = new JpegStreamWriter().Frame((JpegProcess)process, precision, width, height, [(1, 1)]).Scan([0], 1, 0, 0).End();
        Assert.Contains(message, Refused(stream), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "begin with SOI")]
    [InlineData("FF4FFF51", "begin with SOI")]
    [InlineData("FFD8", "ends at byte 2")]
    [InlineData("FFD8FFFFFF", "ends at byte 5")]
    [InlineData("FFD8FFD9", "FFD9 at byte 4")]
    [InlineData("FFD8FFDE0008", "Hierarchical JPEG (DHP at byte 4)")]
    [InlineData("FFD8FFC0000B", "segment at byte 4 has 11 bytes where 2 are left")]
    [InlineData("FFD8FFC00001", "segment at byte 4 has 1 bytes")]
    [InlineData("FFD8FFC00004FFFF", "at byte 4 is too short")]
    [InlineData("FFD8FFC000080800080008000000", "0 components")]
    [InlineData("FFD8FFC0000B08000800080101000000", "sampling factors 0 by 0")]
    [InlineData("FFD8FFC0000B08000800080101510000", "sampling factors 5 by 1")]
    [InlineData("FFD8FFDA0008010100003F00", "scan begins at byte 4 before any frame")]
    public void Read_NoHeader_SaysWhere(string stream, string message) => Assert.Contains(message, Refused(Convert.FromHexString(stream)), StringComparison.Ordinal);

    [Fact]
    public void Decode_CutAnywhere_SaysThatItEnds()
    {
        var stream = Small.Encode();
        for (var cut = 0; cut < stream.Length - 3; cut++)
        {
            Assert.Contains("byte", Refused(stream[..cut]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Decode_WithoutEoiOrWithMoreBehindIt_IsTheImage()
    {
        var stream = Small.Encode();
        Assert.Equal(Small.Pixels(), JpegSamples.Decode(stream.AsSpan(0, stream.Length - 2)));
        Assert.Equal(Small.Pixels(), JpegSamples.Decode([.. stream, 0, 0xFF, 0xD8, 0xFF]));
    }

    [Fact]
    public void Decode_LinesSaidAgain_AreThoseOfTheFrameOrRefused()
    {
        // DNL follows the first scan (T.81 section B.2.5).
        var stream = Small.Encode();
        var second = stream.AsSpan().IndexOf<byte>([0xFF, 0xDA]);
        second += 2 + stream.AsSpan(second + 2).IndexOf<byte>([0xFF, JpegMarker.DefineRestartInterval]);
        byte[] With(byte lines) => [.. stream[..second], 0xFF, JpegMarker.DefineNumberOfLines, 0, 4, 0, lines, .. stream[second..]];
        Assert.Equal(Small.Pixels(), JpegSamples.Decode(With(6)));
        Assert.Contains("DNL segment at byte", Refused(With(5)), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_RestartMarkerOutOfTurn_IsRefused()
    {
        var stream = Small.Encode();
        var at = stream.AsSpan().IndexOf<byte>([0xFF, 0xD0]);
        stream[at + 1] = 0xD1;
        Assert.Contains($"FFD1 before byte {at + 2}, not RST0", Refused(stream), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_RestartWithinALineOfLossless_IsRefused()
    {
        var writer = new JpegStreamWriter().DcTable(17, 0).Frame(JpegProcess.Lossless, 8, 8, 8, [(1, 1)]).Restarts(12).Scan([0], 1, 0, 0);
        Assert.Contains("restarts each 12 MCUs, within its rows of 8", Refused(writer.End()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, "predictor 0")]
    [InlineData(8, 0, "predictor 8")]
    [InlineData(1, 8, "point transform 8")]
    public void Decode_LosslessScanOfNoPredictor_IsRefused(int predictor, int shift, string message)
    {
        var writer = new JpegStreamWriter().DcTable(17, 0).Frame(JpegProcess.Lossless, 8, 8, 8, [(1, 1)]).Scan([0], predictor, 0, shift);
        Assert.Contains(message, Refused(writer.End()), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_ScanOfNoOrADoneComponent_IsRefused()
    {
        var writer = new JpegStreamWriter().DcTable(17, 0).Frame(JpegProcess.Lossless, 8, 8, 8, [(1, 1), (1, 1)]);
        Assert.Contains("names component 4", Refused(writer.Scan([3], 1, 0, 0).End()), StringComparison.Ordinal);
        writer = new JpegStreamWriter().DcTable(17, 0).Frame(JpegProcess.Lossless, 8, 8, 8, [(1, 1), (1, 1)]);
        Assert.Contains("names component 1", Refused(writer.Scan([0, 0], 1, 0, 0).End()), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_TablesMissingOrWrong_AreRefused()
    {
        JpegStreamWriter Lossless() => new JpegStreamWriter().Frame(JpegProcess.Lossless, 8, 8, 8, [(1, 1)]);
        Assert.Contains("DC Huffman table 0, which", Refused(Lossless().Scan([0], 1, 0, 0).End()), StringComparison.Ordinal);
        Assert.Contains("too many codes of 1 bits", Refused(Lossless().Table(0, [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 3]).Scan([0], 1, 0, 0).End()), StringComparison.Ordinal);
        Assert.Contains("differences of 17 bits", Refused(Lossless().Table(0, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [17]).Scan([0], 1, 0, 0).End()), StringComparison.Ordinal);
        Assert.Contains("Huffman tables (DHT at byte", Refused(Lossless().Segment(JpegMarker.DefineHuffmanTables, 0, 1, 1).Scan([0], 1, 0, 0).End()), StringComparison.Ordinal);
        var baseline = new JpegStreamWriter().Frame(JpegProcess.Baseline, 8, 8, 8, [(1, 1)]).DcTable(16, 0).AcTable(0).Scan([0], 0, 63, 0);
        Assert.Contains("quantization table 0, which", Refused(baseline.End()), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_SamplingThatIsNoWholeShare_IsRefused()
    {
        var writer = new JpegStreamWriter().Frame(JpegProcess.Baseline, 8, 8, 8, [(3, 1), (2, 1)]).Scan([0, 1], 0, 63, 0);
        Assert.Contains("component 2 of 2 by 1 samples for 3 by 1 pixels", Refused(writer.End()), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_SecondFrameBetweenScans_IsRefused()
    {
        var stream = Small.Encode();
        var frame = stream.AsSpan().IndexOf<byte>([0xFF, 0xC3]);
        var scan = stream.AsSpan().IndexOf<byte>([0xFF, 0xDA]);
        var next = scan + 2 + stream.AsSpan(scan + 2).IndexOf<byte>([0xFF, JpegMarker.DefineRestartInterval]);
        Assert.Contains("before all of its 3 components", Refused([.. stream[..next], .. stream[frame..(frame + 19)], .. stream[next..]]), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_OutputOfAnotherLength_IsAMistakeOfTheCaller()
    {
        var stream = Small.Encode();
        Assert.Throws<ArgumentException>(() => JpegDecoder.Decode(stream, JpegHeader.Read(stream), new byte[9 * 6 * 3], default));
    }

    [Fact]
    public void Decode_Cancelled_Stops()
    {
        var stream = Small.Encode();
        var header = JpegHeader.Read(stream);
        Assert.Throws<OperationCanceledException>(() => JpegDecoder.Decode(stream, header, new byte[header.OutputLength], new CancellationToken(true)));
    }

    private static string Refused(byte[] stream) => Assert.Throws<ImageException>(() => JpegSamples.Decode(stream)).Message;
}
