using System.IO.Compression;

namespace VnaCloud.Dicom.Tests;

/// <summary>Every limit has a case just inside and one just past it, and no declared length is believed before its bytes came.</summary>
public class DicomReadLimitsTests
{
    private const string Explicit = "1.2.840.10008.1.2.1";
    private const string Implicit = "1.2.840.10008.1.2";
    private const string Deflated = "1.2.840.10008.1.2.1.99";
    private const string Rle = "1.2.840.10008.1.2.5";
    private const long Little = 512 * 1024;

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(10_000, false)]
    public async Task Depth_OfNestedSequences_IsLimited(int depth, bool isRead) =>
        await ExpectAsync(Nested(depth).File(Explicit), DicomReadLimits.Default, isRead ? null : DicomFault.LimitExceeded);

    [Fact]
    public async Task Depth_WithoutLimit_TakesNoStack()
    {
        // A million levels would overflow any stack that nesting got a part of.
        var bytes = Nested(1_000_000).File(Explicit);
        await ExpectAsync(bytes, new DicomReadLimits { Depth = int.MaxValue / 4, Elements = int.MaxValue }, null);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public async Task Elements_OutsidePixelData_AreCounted(int count, bool isRead)
    {
        var built = new Built();
        for (uint i = 0; i < count; i++)
        {
            built.Element(0x0011_0010 + i, "LO", "A ");
        }
        await ExpectAsync(built.File(Explicit), new DicomReadLimits { Elements = 5 }, isRead ? null : DicomFault.LimitExceeded);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(120, false)]
    public async Task FileMetaBytes_AreLimited(int length, bool isRead)
    {
        byte[] bytes = [.. Built.Preamble(), .. new Built().Element(0x0002_0010, "UI", Explicit + '\0').Element(0x0002_0016, "AE", new string('x', length)).ToArray()];
        await ExpectAsync(bytes, new DicomReadLimits { FileMetaBytes = 140 }, isRead ? null : DicomFault.LimitExceeded);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public async Task FileMetaElements_AreLimited(int limit, bool isRead)
    {
        var meta = new Built().Element(0x0002_0010, "UI", Explicit + '\0').Element(0x0002_0016, "AE", "A ").Element(0x0002_0017, "AE", "B ");
        await ExpectAsync([.. Built.Preamble(), .. meta.ToArray()], new DicomReadLimits { FileMetaElements = limit }, isRead ? null : DicomFault.LimitExceeded);
    }

    [Theory]
    [InlineData(900, true)]
    [InlineData(1100, false)]
    public async Task HeaderBytes_AreLimited_PixelDataIsNot(int length, bool isRead)
    {
        var built = new Built().Element(0x0020_4000, "LT", new string('x', length)).Element(0x7FE0_0010, "OW", new byte[4096]);
        await ExpectAsync(built.File(Explicit), new DicomReadLimits { HeaderBytes = 1000 }, isRead ? null : DicomFault.LimitExceeded);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task Fragments_AreLimited(int count, bool isRead)
    {
        var built = new Built().Header(0x7FE0_0010, "OB", Built.Undefined).Item(0);
        for (var i = 0; i < count; i++)
        {
            built.Item(2).Raw([1, 2]);
        }
        await ExpectAsync(built.EndSequence().File(Rle), new DicomReadLimits { Fragments = 3 }, isRead ? null : DicomFault.LimitExceeded);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(2, false)]
    public async Task InflateRatio_IsLimited_PastTheAllowance(int ratio, bool isRead)
    {
        var inflated = new Built().Element(0x7FE0_0010, "OW", new byte[200_000]).ToArray();
        using var output = new MemoryStream();
        output.Write([.. Built.Preamble(), .. Built.Meta(Deflated)]);
        using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(inflated);
        }
        await ExpectAsync(output.ToArray(), new DicomReadLimits { InflateRatio = ratio, InflateAllowance = 1000 }, isRead ? null : DicomFault.InflateLimitExceeded);
        await ExpectAsync(output.ToArray(), new DicomReadLimits { InflateRatio = ratio, InflateAllowance = 1_000_000 }, null);
    }

    public static TheoryData<string, byte[]> Liars => new()
    {
        { "text", new Built().Header(0x0040_A160, "UT", 0x7FFF_FFF0).Raw(new byte[100]).File(Explicit) },
        { "unknown", new Built().Header(0x0009_1001, "UN", 0xFFFF_FFFE).Raw(new byte[100]).File(Explicit) },
        { "implicit text", new Built(implicitVr: true).Header(0x0010_0010, "", 0x7000_0000).Raw(new byte[100]).File(Implicit) },
        { "pixel data", new Built().Header(0x7FE0_0010, "OW", 0xFFFF_FFFE).Raw(new byte[100]).File(Explicit) },
        { "fragment", new Built().Header(0x7FE0_0010, "OB", Built.Undefined).Item(0).Item(0xFFFF_FFF0).Raw(new byte[100]).File(Rle) },
        { "offset table", new Built().Header(0x7FE0_0010, "OB", Built.Undefined).Item(4 << 20).Raw(new byte[100]).File(Rle) },
        { "file meta", [.. Built.Preamble(), .. new Built().Header(0x0002_0102, "OB", 60_000).ToArray()] },
    };

    [Theory]
    [MemberData(nameof(Liars))]
    public async Task DeclaredLength_WithoutBytes_AllocatesNothing(string what, byte[] bytes)
    {
        var options = new DicomReadOptions { KeepPixelData = long.MaxValue };
        await using var warm = new DicomReader(new MemorySource(bytes), options);
        await Assert.ThrowsAsync<DicomFormatException>(() => WholeAsync(warm));
        var before = GC.GetAllocatedBytesForCurrentThread();
        await using var reader = new DicomReader(new MemorySource(bytes), options);
        var error = await Assert.ThrowsAsync<DicomFormatException>(() => WholeAsync(reader));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < Little, $"{what}: {allocated} bytes");
        Assert.True(error.Fault is DicomFault.Truncated or DicomFault.LimitExceeded, error.Message);
        Assert.InRange(error.Offset, 132, bytes.Length);
        Assert.NotNull(error.Tag);
    }

    private static async Task WholeAsync(DicomReader reader)
    {
        await reader.ReadFileMetaAsync(default);
        await reader.ReadDataSetAsync(default);
    }

    private static Built Nested(int depth)
    {
        var built = new Built();
        for (var i = 0; i < depth; i++)
        {
            built.Header(0x0040_A730, "SQ", Built.Undefined).Item();
        }
        for (var i = 0; i < depth; i++)
        {
            built.EndItem().EndSequence();
        }
        return built;
    }

    private static async Task ExpectAsync(byte[] bytes, DicomReadLimits limits, DicomFault? fault)
    {
        try
        {
            await DicomReader.ReadAsync(new MemorySource(bytes), new DicomReadOptions { Limits = limits });
            Assert.Null(fault);
        }
        catch (DicomFormatException error)
        {
            Assert.Equal(fault, error.Fault);
            Assert.InRange(error.Offset, 0, Math.Max(bytes.Length, 1 << 20));
        }
    }
}
