using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests;

/// <summary>What the reader makes of each hostile file of the corpus. What STOW-RS answers is decided above it.</summary>
public class MalformedFilesTests
{
    private const long Little = 64L * 1024 * 1024;

    // Files that are not here are read without a fault.
    private static readonly Dictionary<string, DicomFault> Faults = new()
    {
        ["deflate-bomb-2.2g-pixeldata.dcm"] = DicomFault.InflateLimitExceeded,
        ["deflate-truncated.dcm"] = DicomFault.Truncated,
        ["dup-tag-studyuid.dcm"] = DicomFault.Malformed,
        ["encap-native-len-with-jpeg-ts.dcm"] = DicomFault.Malformed,
        ["encap-no-seqdelim.dcm"] = DicomFault.Truncated,
        ["endian-meta-le-body-be.dcm"] = DicomFault.Truncated,
        ["len-pixeldata-100mb-none.dcm"] = DicomFault.Truncated,
        ["len-pixeldata-fffffffe.dcm"] = DicomFault.Truncated,
        ["len-short-vr-beyond-eof.dcm"] = DicomFault.Truncated,
        ["meta-missing-tsuid.dcm"] = DicomFault.Malformed,
        ["nest-defined-2000.dcm"] = DicomFault.LimitExceeded,
        ["nest-undef-100.dcm"] = DicomFault.LimitExceeded,
        ["nest-undef-10000.dcm"] = DicomFault.LimitExceeded,
        ["sq-item-len-beyond-parent.dcm"] = DicomFault.Malformed,
        ["sq-undef-no-delim.dcm"] = DicomFault.Truncated,
        ["trunc-after-dicm.dcm"] = DicomFault.Malformed,
        ["trunc-mid-meta.dcm"] = DicomFault.Truncated,
        ["trunc-mid-pixeldata.dcm"] = DicomFault.Truncated,
        ["trunc-mid-study-uid-value.dcm"] = DicomFault.Truncated,
        ["trunc-preamble-only.dcm"] = DicomFault.Malformed,
        ["vr-implicit-body-explicit-meta.dcm"] = DicomFault.Malformed,
        ["vr-invalid-letters.dcm"] = DicomFault.Malformed,
    };

    private static readonly Dictionary<string, DicomReadWarnings> Warnings = new()
    {
        ["command-group-present.dcm"] = DicomReadWarnings.ForeignGroup,
        ["deflate-zlib-header.dcm"] = DicomReadWarnings.ZlibWrapper,
        ["len-odd.dcm"] = DicomReadWarnings.OddLength,
        ["meta-grouplen-huge.dcm"] = DicomReadWarnings.WrongMetaLength,
        ["meta-grouplen-short.dcm"] = DicomReadWarnings.WrongMetaLength,
        ["meta-none-preamble-none.dcm"] = DicomReadWarnings.MissingPreamble | DicomReadWarnings.MissingFileMeta,
        ["order-descending.dcm"] = DicomReadWarnings.OutOfOrder,
        ["sq-stray-delims.dcm"] = DicomReadWarnings.StrayDelimiter,
    };

    [Fact]
    public async Task Reader_MalformedFiles_FailOrWarnAsTheTableSays()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var wrong = new List<string>();
        foreach (var file in Corpus.Malformed)
        {
            var expected = (Faults.TryGetValue(file.Name, out var fault) ? fault : (DicomFault?)null, Warnings.GetValueOrDefault(file.Name));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var (actual, error) = await OutcomeAsync(file.ReadBytes());
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before - file.Length;
            if (expected != actual || allocated > Little)
            {
                wrong.Add($"{file.Name} ({file.What}): {actual}, not {expected}; {allocated} bytes allocated; {error?.Message}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Empty(Faults.Keys.Union(Warnings.Keys).Except(Corpus.Malformed.Select(file => file.Name)));
    }

    [Theory]
    [InlineData("encap-bot-wrong.dcm", FrameLayout.Encapsulated, 3)]
    [InlineData("encap-empty-fragments.dcm", FrameLayout.Encapsulated, 1)]
    [InlineData("encap-frames-gt-fragments.dcm", FrameLayout.Encapsulated, 1)]
    [InlineData("geom-bits-allocated-17.dcm", FrameLayout.Unknown, 0)]
    [InlineData("geom-frames-negative.dcm", FrameLayout.Unknown, 0)]
    [InlineData("geom-zero-rows.dcm", FrameLayout.Unknown, 0)]
    [InlineData("vr-mismatch-dict.dcm", FrameLayout.Unknown, 0)]
    [InlineData("rle-header-lies.dcm", FrameLayout.Encapsulated, 1)]
    public async Task FrameLocator_LyingGeometry_ServesOnlyFramesThatAreThere(string name, FrameLayout layout, int count)
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var bytes = Corpus.Malformed.Single(file => file.Name == name).ReadBytes();
        var reader = await DicomReader.ReadAsync(new MemorySource(bytes));
        var frames = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
        Assert.Equal((layout, count), (frames.Layout, frames.Count));
        Assert.All(frames.Ranges, range => Assert.True(range.Offset + range.Length <= frames.PixelOffset + frames.PixelLength));
    }

    private static async Task<((DicomFault?, DicomReadWarnings), DicomFormatException?)> OutcomeAsync(byte[] bytes)
    {
        await using var reader = new DicomReader(new MemorySource(bytes));
        try
        {
            await reader.ReadFileMetaAsync(default);
            await reader.ReadDataSetAsync(default);
            return ((null, reader.Warnings), null);
        }
        catch (DicomFormatException error)
        {
            return ((error.Fault, DicomReadWarnings.None), error);
        }
    }
}
