namespace VnaCloud.Imaging.Tests.Codecs;

/// <summary>Frames through real workers.</summary>
public sealed class CodecPoolTests
{
    private const int Width = 200, Height = 100;

    public static TheoryData<uint, int, int, bool> Lossless { get; } = Cases();

    [Theory]
    [MemberData(nameof(Lossless))]
    public async Task EncodedFrame_Decoded_IsTheSame(uint kind, int bits, int samples, bool signed)
    {
        await using var pool = CodecPrograms.Open();
        var image = new CodecImage(Width, Height, samples, bits, (signed ? CodecFlags.Signed : 0) | (samples == 3 ? CodecFlags.ColourTransform : 0));
        var native = Native(image);
        var encoded = await EncodeAsync(pool, (CodecKind)kind, image, native);
        Assert.InRange(encoded.Length, 1, native.Length - 1);
        var (decoded, bytes) = await DecodeAsync(pool, (CodecKind)kind, encoded, native.Length);
        Assert.Equal((Width, Height, samples, bits), (decoded.Width, decoded.Height, decoded.Samples, decoded.Bits));
        Assert.Equal(native, bytes);
    }

    [Theory]
    [InlineData(CodecKind.JpegLs)]
    [InlineData(CodecKind.Jpeg2000)]
    [InlineData(CodecKind.HighThroughput)]
    internal async Task Frame_CutAnywhere_IsRefusedAndTheWorkerGoesOn(CodecKind kind)
    {
        await using var pool = CodecPrograms.Open(options => options with { Workers = 1 });
        var lost = 0;
        pool.WorkerLost += (_, _) => lost++;
        var image = new CodecImage(Width, Height, 1, 12, 0);
        var native = Native(image);
        var encoded = await EncodeAsync(pool, kind, image, native);
        var random = new Random(7);
        for (var i = 0; i < 60; i++)
        {
            var cut = random.Next(1, encoded.Length - 2);
            await Assert.ThrowsAsync<ImageException>(() => DecodeAsync(pool, kind, encoded[..cut], native.Length));
        }
        Assert.Equal(0, lost);
        Assert.Equal(native, (await DecodeAsync(pool, kind, encoded, native.Length)).Bytes);
    }

    [Fact]
    public async Task Frame_LargerThanTheInstanceSays_IsRefused()
    {
        await using var pool = CodecPrograms.Open();
        var image = new CodecImage(Width, Height, 1, 16, 0);
        var encoded = await EncodeAsync(pool, CodecKind.HighThroughput, image, Native(image));
        var refused = await Assert.ThrowsAsync<ImageException>(() => DecodeAsync(pool, CodecKind.HighThroughput, encoded, 1000));
        Assert.Contains("200 x 100", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pool_OfAMissingProgram_SaysHowToGetIt()
    {
        await using var pool = new CodecPool(new CodecOptions { Program = "/nowhere/vna-codec" }, TimeProvider.System);
        Assert.Contains("--with-codecs", pool.WhyNot, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<CodecUnavailableException>(() => DecodeAsync(pool, CodecKind.Jpeg, new byte[10], 10));
        Assert.Equal(pool.WhyNot, refused.Message);
    }

    [Fact]
    public async Task Frames_OfManyRequestsAtOnce_AreEachTheirOwn()
    {
        await using var pool = CodecPrograms.Open();
        await Parallel.ForEachAsync(Enumerable.Range(1, 64), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (seed, _) =>
        {
            var image = new CodecImage(Width + seed, Height, 1, 16, 0);
            var native = Native(image, seed);
            var encoded = await EncodeAsync(pool, CodecKind.HighThroughput, image, native);
            Assert.Equal(native, (await DecodeAsync(pool, CodecKind.HighThroughput, encoded, native.Length)).Bytes);
        });
    }

    internal static async Task<byte[]> EncodeAsync(CodecPool pool, CodecKind kind, CodecImage image, byte[] native, int parameter = 0)
    {
        var encoded = Array.Empty<byte>();
        await pool.RunAsync(new CodecJob(kind, Encode: true, image, parameter, native.Length * 2 + 65_536), native, (_, bytes) => encoded = bytes.ToArray(), default);
        return encoded;
    }

    internal static async Task<(CodecImage Image, byte[] Bytes)> DecodeAsync(CodecPool pool, CodecKind kind, byte[] encoded, int capacity, CodecFlags flags = 0)
    {
        var native = Array.Empty<byte>();
        var image = await pool.RunAsync(new CodecJob(kind, Encode: false, new CodecImage(0, 0, 0, 0, flags), 0, capacity), encoded, (_, bytes) => native = bytes.ToArray(), default);
        return (image, native);
    }

    /// <summary>Something like an image: waves with noise, over the whole range of the samples.</summary>
    internal static byte[] Native(CodecImage image, int seed = 1)
    {
        var random = new Random(seed);
        var native = new byte[image.Length];
        var (most, least) = image.Flags.HasFlag(CodecFlags.Signed) ? ((1 << (image.Bits - 1)) - 1, -(1 << (image.Bits - 1))) : ((1 << image.Bits) - 1, 0);
        for (var i = 0; i < native.Length / image.BytesOfSample; i++)
        {
            var (x, y) = (i / image.Samples % image.Width, i / image.Samples / image.Width);
            var wave = 0.5 + 0.4 * Math.Sin(x / 17.0 + i % image.Samples) * Math.Cos(y / 11.0) + 0.02 * random.NextDouble();
            var value = i < 4 ? (i % 2 == 0 ? most : least) : (int)(least + wave * (most - least));
            native[i * image.BytesOfSample] = (byte)value;
            if (image.BytesOfSample == 2)
            {
                native[i * 2 + 1] = (byte)(value >> 8);
            }
        }
        return native;
    }

    private static TheoryData<uint, int, int, bool> Cases()
    {
        var cases = new TheoryData<uint, int, int, bool>();
        foreach (var bits in new[] { 8, 10, 12, 16 })
        {
            foreach (var (samples, signed) in new[] { (1, false), (1, true), (3, false) })
            {
                cases.Add((uint)CodecKind.Jpeg2000, bits, samples, signed);
                cases.Add((uint)CodecKind.HighThroughput, bits, samples, signed);
                if (!signed)
                {
                    cases.Add((uint)CodecKind.JpegLs, bits, samples, signed); // samples have no sign there
                }
            }
        }
        return cases;
    }
}
