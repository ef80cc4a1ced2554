using System.Buffers;
using VnaCloud.Dicom;
using VnaCloud.Imaging.Tests.Codecs;

namespace VnaCloud.Imaging.Tests.Frames;

/// <summary>Native frames of every kind through each lossless syntax and back: the same cells, to the bit.</summary>
public sealed class FrameEncoderTests
{
    private const int Rows = 20, Columns = 30;

    public static TheoryData<string, string> Cases { get; } = Make();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Frame_EncodedAndDecoded_KeepsEveryBit(string syntax, string kind)
    {
        await using var pool = CodecPrograms.Open();
        var (encoder, decoder, target) = (new FrameEncoder(pool, verify: true), new FrameDecoder(pool), TransferSyntax.Get(syntax));
        var (pixels, native) = Image(kind);
        if (encoder.WhyNot(target, pixels) is { } why)
        {
            Assert.Contains(target.Name, why, StringComparison.Ordinal);
            Assert.True(kind is "32 bits", $"{kind}: {why}");
            return;
        }
        var stream = new ArrayBufferWriter<byte>();
        await encoder.EncodeAsync(target, pixels, native, stream, default);
        var encoded = FrameEncoder.Encoded(target, pixels);
        using var decoded = await decoder.DecodeAsync(target, encoded, stream.WrittenMemory, default);
        Assert.Equal(ByPixel(pixels, native), decoded.Bytes.ToArray());
        Assert.False(decoded.Pixels.IsPlanar);
        Assert.Equal(pixels.IsSubsampled ? "YBR_FULL" : pixels.Photometric, decoded.Pixels.Photometric);
    }

    [Fact]
    public async Task Frame_ShorterThanItsImage_IsRefused()
    {
        await using var pool = CodecPrograms.Open();
        var (pixels, native) = Image("12 of 16 bits");
        await Assert.ThrowsAsync<ImageException>(() => new FrameEncoder(pool).EncodeAsync(TransferSyntax.Get("1.2.840.10008.1.2.4.80"), pixels, native.AsMemory(0, native.Length - 2), new ArrayBufferWriter<byte>(), default));
    }

    private static TheoryData<string, string> Make()
    {
        var cases = new TheoryData<string, string>();
        foreach (var target in FrameEncoder.Targets)
        {
            foreach (var kind in new[]
            {
                "8 bits", "12 of 16 bits", "12 of 16 bits, overlay above", "12 of 16 bits, signed", "12 of 16 bits, signed, not extended", "12 bits at the top of 16", "8 of 16 bits",
                "16 bits, signed", "RGB", "RGB by planes", "RGB of 16 bits", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR", "32 bits",
            })
            {
                cases.Add(target.Uid, kind);
            }
        }
        return cases;
    }

    private static (ImagePixels Pixels, byte[] Native) Image(string kind)
    {
        var gray = new ImagePixels { Rows = Rows, Columns = Columns, BitsAllocated = 16, BitsStored = 12, HighBit = 11, Photometric = "MONOCHROME2" };
        var colour = gray with { Samples = 3, BitsAllocated = 8, BitsStored = 8, HighBit = 7, Photometric = "RGB" };
        return kind switch
        {
            "8 bits" => Filled(gray with { BitsAllocated = 8, BitsStored = 8, HighBit = 7 }, 0xFF),
            "12 of 16 bits" => Filled(gray, 0x0FFF),
            "12 of 16 bits, overlay above" => Filled(gray, 0x1FFF),
            "12 of 16 bits, signed" => Filled(gray with { IsSigned = true }, 0x0FFF, extend: true),
            "12 of 16 bits, signed, not extended" => Filled(gray with { IsSigned = true }, 0x0FFF),
            "12 bits at the top of 16" => Filled(gray with { HighBit = 15 }, 0xFFF0),
            "8 of 16 bits" => Filled(gray with { BitsStored = 8, HighBit = 7 }, 0x00FF),
            "16 bits, signed" => Filled(gray with { BitsStored = 16, HighBit = 15, IsSigned = true }, 0xFFFF),
            "RGB" => Filled(colour, 0xFF),
            "RGB by planes" => Filled(colour with { IsPlanar = true }, 0xFF),
            "RGB of 16 bits" => Filled(colour with { BitsAllocated = 16, BitsStored = 16, HighBit = 15 }, 0xFFFF),
            "PALETTE COLOR" => Filled(gray with { BitsAllocated = 8, BitsStored = 8, HighBit = 7, Photometric = kind }, 0xFF),
            "32 bits" => Filled(gray with { BitsAllocated = 32, BitsStored = 32, HighBit = 31 }, 0xFFFF),
            _ => Filled(colour with { Photometric = kind }, 0xFF),
        };
    }

    private static (ImagePixels Pixels, byte[] Native) Filled(ImagePixels pixels, int mask, bool extend = false)
    {
        var random = new Random(7);
        var native = new byte[pixels.FrameLength];
        var size = pixels.BitsAllocated / 8;
        for (var at = 0; at < native.Length; at += size)
        {
            var value = random.Next(0x10000) & mask;
            value = extend && (value & 0x0800) != 0 ? value | 0xF000 : value;
            native[at] = (byte)value;
            if (size > 1)
            {
                native[at + 1] = (byte)(value >> 8);
            }
        }
        return (pixels, native);
    }

    // What the standard says of planes and of chroma at every second pixel, done in the plainest way.
    private static byte[] ByPixel(ImagePixels pixels, byte[] native)
    {
        if (pixels.IsSubsampled)
        {
            return [.. native.Chunk(4).SelectMany(pair => new[] { pair[0], pair[2], pair[3], pair[1], pair[2], pair[3] })];
        }
        var plane = Rows * Columns;
        return pixels.IsPlanar ? [.. Enumerable.Range(0, plane).SelectMany(i => new[] { native[i], native[plane + i], native[2 * plane + i] })] : native;
    }
}
