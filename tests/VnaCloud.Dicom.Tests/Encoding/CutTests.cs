using System.Collections.Concurrent;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests;

/// <summary>A file that ends too early is an error that says where, or the elements of the whole file so far: never anything else.</summary>
public class CutTests(ITestOutputHelper output)
{
    private const int EveryByte = 4096;
    private const int RandomPlaces = 64;

    [Fact]
    public async Task ReadAsync_CutAnywhere_FailsAtAnOffsetOrGivesTheElementsSoFar()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var files = Corpus.Sample(Corpus.Valid, 12);
        var wrong = new ConcurrentBag<string>();
        var cuts = 0;
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (file, _) =>
        {
            var bytes = file.ReadBytes();
            var whole = await OpenAsync(bytes);
            foreach (var cut in Places(bytes.Length))
            {
                if (await CutAsync(bytes, cut, whole.Reader) is { } problem)
                {
                    wrong.Add($"{file.Name} cut at {cut}: {problem}");
                    break;
                }
                Interlocked.Increment(ref cuts);
            }
        });
        output.WriteLine($"{files.Count} files, {cuts} cuts{(Corpus.IsFast ? "; VNA_FAST: a sample of the corpus only" : "")}");
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order()));
        Assert.True(cuts > 1_000_000 || Corpus.IsFast, $"only {cuts} cuts");
    }

    private static IEnumerable<int> Places(int length)
    {
        var random = new Random(length);
        return Enumerable.Range(0, Math.Min(EveryByte, length))
            .Concat(Enumerable.Range(0, length > EveryByte ? RandomPlaces : 0).Select(_ => random.Next(EveryByte, length)));
    }

    private static async Task<(DicomReader Reader, DicomFormatException? Error)> OpenAsync(ReadOnlyMemory<byte> bytes)
    {
        await using var reader = new DicomReader(new MemorySource(bytes));
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

    private static async Task<string?> CutAsync(byte[] bytes, int cut, DicomReader whole)
    {
        var (reader, error) = await OpenAsync(bytes.AsMemory(0, cut));
        if (!reader.TransferSyntax.IsDeflated && reader.DataSet.FirstOrDefault(element => End(element) > cut) is { } missing)
        {
            return $"{missing} ends behind the cut";
        }
        if (error is not null)
        {
            var isInside = error.Offset >= 0 && (reader.TransferSyntax.IsDeflated || error.Offset <= cut);
            return isInside && error.Fault is DicomFault.Truncated or DicomFault.Malformed
                ? Beyond(reader.DataSet, whole.DataSet) : $"{error.Fault} at {error.Offset}: {error.Message}";
        }
        // A deflate stream has an end of its own; only what may follow it can be missing unnoticed.
        var expected = reader.TransferSyntax.IsDeflated && cut > whole.DataSetOffset
            ? whole.DataSet.Count : whole.DataSet.Count(element => element.Offset <= cut);
        return reader.DataSet.Count == expected ? Beyond(reader.DataSet, whole.DataSet) : $"{reader.DataSet.Count} elements, not {expected}";
    }

    private static long End(DicomElement element) => element.Offset + (element.Fragments?.Length ?? element.Length);

    /// <summary>What the cut data set holds and the whole one does not.</summary>
    private static string? Beyond(DicomDataSet cut, DicomDataSet whole)
    {
        foreach (var element in cut)
        {
            if (whole[element.Tag] is not { } original || original.Vr != element.Vr)
            {
                return $"{element} is not in the whole file";
            }
            if (element.Items is { } items)
            {
                if (items.Count > original.Items!.Count)
                {
                    return $"{element} has {original.Items.Count} items in the whole file";
                }
                for (var i = 0; i < items.Count; i++)
                {
                    if (Beyond(items[i], original.Items[i]) is { } problem)
                    {
                        return $"{element.Tag}/{i} {problem}";
                    }
                }
            }
            else if (element.Offset != original.Offset || element.Length != original.Length || !element.Value.Span.SequenceEqual(original.Value.Span))
            {
                return $"{element} at {element.Offset} is {original} at {original.Offset}";
            }
        }
        return null;
    }
}
