using System.Buffers;
using System.Buffers.Binary;

namespace VnaCloud.Imaging.Tests;

public sealed class RleFrameTests
{
    /// <summary>What PS3.5 section G.3.1 makes of a row: three equal, two equal amid others, a run that ends the row.</summary>
    [Theory]
    [InlineData("07 07 07 07", "FD 07")]
    [InlineData("01 02 03", "02 01 02 03")]
    [InlineData("01 02 02 03", "03 01 02 02 03")]
    [InlineData("01 02 02 02 03", "00 01 FE 02 00 03")]
    [InlineData("05 05 06", "FF 05 00 06")]
    [InlineData("09", "00 09")]
    public void Encode_OneRow_IsTheCodesOfTheStandard(string row, string codes)
    {
        var native = Convert.FromHexString(row.Replace(" ", "", StringComparison.Ordinal));
        var encoded = Encode(native, Pixels(1, native.Length, 1, 8));
        var expected = Convert.FromHexString(codes.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(expected, encoded[RleFrame.HeaderLength..][..expected.Length]);
        Assert.Equal(0, encoded.Length % 2);
        Assert.InRange(encoded.Length - RleFrame.HeaderLength - expected.Length, 0, 1);
    }

    [Fact]
    public void Encode_EqualRows_EndsEachRunWithItsRow()
    {
        var encoded = Encode(new byte[300], Pixels(3, 100, 1, 8));
        Assert.Equal([0x9D, 0, 0x9D, 0, 0x9D, 0], encoded[RleFrame.HeaderLength..]);
    }

    [Fact]
    public void Encode_SixteenBitColour_HasASegmentForEachByteTheHighOneFirst()
    {
        byte[] native = [0x11, 0x12, 0x21, 0x22, 0x31, 0x32];
        var encoded = Encode(native, Pixels(1, 1, 3, 16));
        Assert.Equal(6, BinaryPrimitives.ReadInt32LittleEndian(encoded));
        var bytes = Enumerable.Range(0, 6).Select(i => encoded[BinaryPrimitives.ReadInt32LittleEndian(encoded.AsSpan(4 * (i + 1))) + 1]);
        Assert.Equal([0x12, 0x11, 0x22, 0x21, 0x32, 0x31], bytes);
    }

    [Fact]
    public void Decode_EncodedFrame_IsTheNativeOne()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var bits = (int[])[1, 8, 16, 32];
            var allocated = bits[random.Next(bits.Length)];
            var samples = allocated == 1 ? 1 : random.Next(1, allocated == 32 ? 4 : 5);
            var pixels = Pixels(random.Next(1, 20), random.Next(1, 400), samples, allocated) with { IsPlanar = random.Next(2) == 1 };
            var native = Runs(random, (int)pixels.FrameLength);
            var encoded = Encode(native, pixels);
            var decoded = new byte[pixels.FrameLength];
            RleFrame.Decode(encoded, pixels, decoded);
            Assert.True(PixelFile.ByPixel(native, pixels).AsSpan().SequenceEqual(decoded), $"seed {seed}: {pixels}");
            Assert.Equal(0, encoded.Length % 2);
        }
    }

    [Theory]
    [InlineData(0, "has 0 segments where the attributes make 2")]
    [InlineData(1, "has 1 segments where the attributes make 2")]
    [InlineData(3, "has 3 segments where the attributes make 2")]
    [InlineData(0xFFFF_FFFF, "has 4294967295 segments where the attributes make 2")]
    public void Decode_WrongNumberOfSegments_IsRefused(uint segments, string message)
    {
        var frame = Encode(new byte[128], Pixels(8, 8, 1, 16));
        BinaryPrimitives.WriteUInt32LittleEndian(frame, segments);
        Assert.Contains(message, Refused(frame, Pixels(8, 8, 1, 16)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 0u)]
    [InlineData(4, 63u)]
    [InlineData(4, 0x8000_0000u)]
    [InlineData(8, 64u - 1)]
    [InlineData(8, 1000u)]
    [InlineData(8, 0xFFFF_FFFFu)]
    public void Decode_OffsetOutOfItsPlace_IsRefused(int at, uint offset)
    {
        var frame = Encode(new byte[128], Pixels(8, 8, 1, 16));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(at), offset);
        Assert.Contains($"begins at byte {offset}", Refused(frame, Pixels(8, 8, 1, 16)), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_CutAnywhere_IsRefused()
    {
        var pixels = Pixels(9, 31, 1, 16);
        var native = Runs(new Random(5), (int)pixels.FrameLength);
        native.AsSpan(native.Length - 2).Fill(3);
        var frame = Encode(native, pixels);
        var padding = frame.Length - LastCode(frame);
        for (var cut = 0; cut < frame.Length - padding; cut++)
        {
            Assert.Contains("byte", Refused(frame[..cut], pixels), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Decode_PaddingAndARunOverTheEnd_AreIgnored()
    {
        var pixels = Pixels(1, 4, 1, 8);
        var header = Encode(new byte[4], pixels)[..RleFrame.HeaderLength];
        var decoded = new byte[4];
        RleFrame.Decode([.. header, 0x80, 0x81, 7, 0, 0, 0], pixels, decoded);
        Assert.Equal([7, 7, 7, 7], decoded);
    }

    [Fact]
    public void Decode_PixelsWithoutAnRleForm_AreRefused()
    {
        Assert.Contains("YBR_FULL_422", Refused(new byte[100], Pixels(1, 2, 3, 8) with { Photometric = "YBR_FULL_422" }), StringComparison.Ordinal);
        Assert.Contains("15 segments", Refused(new byte[100], Pixels(1, 1, 4, 32)), StringComparison.Ordinal);
        Assert.Contains("one bit", Refused(new byte[100], Pixels(1, 8, 3, 1)), StringComparison.Ordinal);
    }

    internal static ImagePixels Pixels(int rows, int columns, int samples, int bits) => new()
    {
        Rows = rows, Columns = columns, Samples = samples, BitsAllocated = bits, BitsStored = bits, HighBit = bits - 1, Photometric = samples == 3 ? "RGB" : "MONOCHROME2",
    };

    /// <summary>Bytes that repeat for one to three hundred, or do not.</summary>
    internal static byte[] Runs(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        for (var at = 0; at < length;)
        {
            var run = Math.Min(length - at, random.Next(4) == 0 ? random.Next(1, 300) : random.Next(1, 5));
            if (random.Next(2) == 0)
            {
                bytes.AsSpan(at, run).Fill((byte)random.Next(4));
            }
            at += run;
        }
        return bytes;
    }

    private static byte[] Encode(byte[] native, ImagePixels pixels)
    {
        var output = new ArrayBufferWriter<byte>();
        RleFrame.Encode(native, pixels, output);
        return output.WrittenSpan.ToArray();
    }

    private static string Refused(byte[] frame, ImagePixels pixels) =>
        Assert.Throws<ImageException>(() => RleFrame.Decode(frame, pixels, new byte[pixels.FrameLength])).Message;

    // Where the last segment's codes end: its padding, if any, is not missed.
    private static int LastCode(byte[] frame) => frame[^1] == 0 ? frame.Length - 1 : frame.Length;
}
