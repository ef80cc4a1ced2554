using System.Collections.Concurrent;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests;

/// <summary>What parses must serialise, and parse to the same again.</summary>
public class RoundTripTests(ITestOutputHelper output)
{
    private static readonly DicomReadOptions KeepAll = new()
    {
        KeepPixelData = long.MaxValue,
        // Emptied pixel data of a real file deflates to less than a hundredth.
        Limits = new DicomReadLimits { InflateRatio = 1000 },
    };

    [Theory]
    [InlineData("1.2.840.10008.1.2", SequenceLengths.Undefined)]
    [InlineData("1.2.840.10008.1.2", SequenceLengths.Defined)]
    [InlineData("1.2.840.10008.1.2.1", SequenceLengths.Undefined)]
    [InlineData("1.2.840.10008.1.2.1", SequenceLengths.Defined)]
    [InlineData("1.2.840.10008.1.2.2", SequenceLengths.Undefined)]
    [InlineData("1.2.840.10008.1.2.2", SequenceLengths.Defined)]
    [InlineData("1.2.840.10008.1.2.1.99", SequenceLengths.Undefined)]
    public async Task ToArray_FilesOfTheCorpus_ReadBackTheSame(string uid, SequenceLengths lengths)
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var files = Corpus.Sample(Corpus.Ok, 12);
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (file, cancellation) =>
        {
            var original = await DicomReader.ReadAsync(new MemorySource(file.ReadBytes()), KeepAll, cancellation);
            var syntax = original.DataSet[DicomTags.PixelData]?.Fragments is null ? TransferSyntax.Get(uid) : original.TransferSyntax;
            var bytes = DicomWriter.ToArray(original.FileMeta, original.DataSet, syntax, lengths);
            var copy = await DicomReader.ReadAsync(new MemorySource(bytes), KeepAll, cancellation);
            var vrs = !syntax.IsImplicitVr;
            if (DataSetComparison.FirstDifference(original.DataSet, copy.DataSet, vrs) is { } difference)
            {
                wrong.Add($"{file.Name}: {difference}");
            }
        });
        output.WriteLine($"{files.Count} files{(Corpus.IsFast ? "; VNA_FAST: a sample of the corpus only" : "")}");
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order()));
    }
}
