using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests;

public class SplitTests(ITestOutputHelper output)
{
    private const int SmallFile = 64 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1009)]
    public async Task ReadAsync_BytesArriveInPieces_GivesWhatOneBufferGives(int step)
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var files = Corpus.Sample([.. Corpus.Valid.Where(file => step > SmallFile / 100 || file.Length < SmallFile), .. Corpus.Malformed.Where(file => file.Length < SmallFile)], 10);
        foreach (var file in files)
        {
            var bytes = file.ReadBytes();
            var (whole, error) = await ReadAsync(new MemorySource(bytes));
            var (pieces, sameError) = await ReadAsync(new TrickleSource(bytes, step));
            Assert.True((error?.Fault, error?.Tag, error?.Message) == (sameError?.Fault, sameError?.Tag, sameError?.Message), $"{file.Name}: {error?.Message} / {sameError?.Message}");
            Assert.Equal(whole.Warnings, pieces.Warnings);
            Assert.Equal(whole.TransferSyntax, pieces.TransferSyntax);
            Assert.Equal((file.Name, null), (file.Name, DataSetComparison.FirstDifference(whole.DataSet, pieces.DataSet)));
        }
        output.WriteLine($"{files.Count} files in pieces of {step}{(Corpus.IsFast ? "; VNA_FAST: a sample of the corpus only" : "")}");
    }

    private static async Task<(DicomReader, DicomFormatException?)> ReadAsync(ByteSource source)
    {
        await using var reader = new DicomReader(source, new DicomReadOptions { KeepPixelData = long.MaxValue });
        try
        {
            await reader.ReadFileMetaAsync(default);
            await reader.ReadDataSetAsync(default);
            return (reader, null);
        }
        catch (DicomFormatException error)
        {
            return (reader, error);
        }
    }
}
