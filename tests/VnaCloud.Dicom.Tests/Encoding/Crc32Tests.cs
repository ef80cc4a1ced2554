namespace VnaCloud.Dicom.Tests;

public class Crc32Tests
{
    [Fact]
    public void Append_OfTheCheckText_IsTheCheckValue() => Assert.Equal(0xCBF4_3926u, Crc32.Append(0, "123456789"u8));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 5)]
    [InlineData(7, 0)]
    [InlineData(1, 1)]
    [InlineData(100, 3)]
    [InlineData(4095, 70_001)]
    public void Combine_OfTwoStretches_IsTheCrcOfBoth(int first, int second)
    {
        var bytes = new byte[first + second];
        new Random(first + second).NextBytes(bytes);
        var combined = Crc32.Combine(Crc32.Append(0, bytes.AsSpan(0, first)), Crc32.Append(0, bytes.AsSpan(first)), second);
        Assert.Equal(Crc32.Append(0, bytes), combined);
    }

    [Fact]
    public void Multiply_AtOnceAndByBits_IsTheSame()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Pclmulqdq.IsSupported, "This processor has no carry-less multiplication.");
        var random = new Random(1);
        uint[] edges = [0, 1, 1u << 31, uint.MaxValue, 0xEDB8_8320];
        foreach (var (a, b) in edges.SelectMany(a => edges.Select(b => (a, b))).Concat(Enumerable.Range(0, 10_000).Select(_ => ((uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32)))))
        {
            Assert.Equal(Crc32.MultiplyByBits(a, b), Crc32.MultiplyAtOnce(a, b));
        }
    }
}
