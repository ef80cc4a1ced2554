using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Imaging.Tests.Codecs;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>
/// The picture of each image of the corpus is the one that was looked at (contact sheets: VNA_GALLERY). Only of lossless forms: what lossy codecs
/// give depends on the processor. VNA_WRITE_CHECKSUMS=1 writes them anew, after one has looked.
/// </summary>
public sealed class PictureChecksumTests
{
    private static readonly string Known = Path.Combine(Here(), "picture-checksums.tsv");

    [Fact]
    public async Task Pictures_OfTheCorpus_AreThoseThatWereLookedAt()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        await using var pool = CodecPrograms.Open();
        var decoder = new FrameDecoder(pool);
        var sums = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Corpus.Sample([.. NativeImage.Candidates.Concat(NativeImage.Compressed).Where(file => !TransferSyntax.Get(file.TransferSyntaxUid).IsLossy)], 8))
        {
            var image = TransferSyntax.Get(file.TransferSyntaxUid).IsEncapsulated ? await NativeImage.OpenCompressedAsync(file, decoder) : await NativeImage.OpenAsync(file);
            if (image is not null)
            {
                var picture = image.Render();
                sums.Add(file.Name, $"{picture.Width} x {picture.Height} x {picture.Channels}\t{Convert.ToHexStringLower(SHA256.HashData(picture.Samples.Span))[..32]}");
            }
        }
        if (Environment.GetEnvironmentVariable("VNA_WRITE_CHECKSUMS") == "1")
        {
            await File.WriteAllTextAsync(Known, string.Concat(sums.Select(pair => $"{pair.Key}\t{pair.Value}\n")));
        }
        var known = (await File.ReadAllLinesAsync(Known)).Select(line => line.Split('\t', 2)).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var others = sums.Where(pair => !known.TryGetValue(pair.Key, out var sum) || sum != pair.Value).Select(pair => $"{pair.Key}: {pair.Value}, known as {known.GetValueOrDefault(pair.Key)}");
        Assert.True(!others.Any(), string.Join('\n', others));
        Assert.True(Corpus.IsFast || known.Count == sums.Count, $"{known.Count} are known, {sums.Count} were made.");
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
