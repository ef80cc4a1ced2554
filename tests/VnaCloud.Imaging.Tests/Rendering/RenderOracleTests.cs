using System.Globalization;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>The first frame of every uncompressed image of the corpus, held against DCMTK's.</summary>
public sealed class RenderOracleTests(ITestOutputHelper output) : IDisposable
{
    private const double LeastPsnr = 40;
    private const string Padding = "no window, and Pixel Padding Value is not counted into the range from the least to the greatest value";
    private const string Words = "big endian samples of 32 bits turn as a whole (docs/conformance.md, words-of-32-bits)";

    private const string UnknownVr = "its window and rescale are of VR UN: they are read by the dictionary's VR, which DCMTK does not do";
    private const string Jfif = "says RGB over a JFIF stream, which is YCbCr: DCMTK shows luma and chroma as colours";

    /// <summary>Files that we mean to show in another way than DCMTK does.</summary>
    private static readonly Dictionary<string, string> OnPurpose = new(StringComparer.Ordinal)
    {
        ["dicomparser-ct1_unc_explicit_big_endian.dcm"] = Padding,
        ["dicomparser-ct1_unc_explicit_little_endian.dcm"] = Padding,
        ["fodicom-gh177_d_clunie_ct1_ivrle_bigendian_ele_undefinded_length.dcm"] = Padding,
        ["pydicom-rtdose_expb.dcm"] = Words,
        ["pydicom-rtdose_expb_1frame.dcm"] = Words,
        ["cs3d-ctimage_dcm_jpeg2000losslessonlytransfersyntax_1_2_840_10008_1_2_4_90.dcm"] = UnknownVr,
        ["cs3d-ctimage_dcm_jpeg2000transfersyntax_1_2_840_10008_1_2_4_91.dcm"] = UnknownVr,
        ["cs3d-ctimage_dcm_jpeglslossytransfersyntax_1_2_840_10008_1_2_4_81.dcm"] = UnknownVr,
        ["dicomparser-ct1_unc_fragmented_bot_jpeg_ls_80.dcm"] = Padding,
        ["dicomparser-ct1_unc_fragmented_no_bot_jpeg_ls_80.dcm"] = Padding,
        ["dicomparser-ct1_unc_not_fragmented_bot_jpeg_ls_80.dcm"] = Padding,
        ["fodicom-d_clunie_ct1_rle_frags.dcm"] = Padding,
        ["gcphealth-1_2_840_113543_6_6_1_1_2_2415947926921624359_201235357587280.dcm"] = "Pixel Aspect Ratio 536\\670 is honoured",
        ["gcphealth-example-mg.dcm"] = Jfif,
        ["gcphealth-example2.dcm"] = Jfif,
        ["wg04-ct1_j2kr.dcm"] = Padding,
        ["wg04-ct1_jlsl.dcm"] = Padding,
        ["wg04-ct1_jpll.dcm"] = Padding,
        ["pydicomdata-color-px.dcm"] = "Pixel Aspect Ratio 4\\3 is honoured: the picture is higher than the image has rows",
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vna-render");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public Task Render_NativeImagesOfTheCorpus_LookAsDcm2pnmShowsThem() => CompareAsync([.. NativeImage.Candidates], NativeImage.OpenAsync);

    [Fact]
    public async Task Render_CompressedImagesOfTheCorpus_LookAsDcmj2pnmShowsThem()
    {
        await using var pool = Codecs.CodecPrograms.Open();
        var decoder = new FrameDecoder(pool);
        await CompareAsync([.. NativeImage.Compressed], file => NativeImage.OpenCompressedAsync(file, decoder));
    }

    private async Task CompareAsync(IReadOnlyList<CorpusFile> files, Func<CorpusFile, Task<NativeImage?>> open)
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        Assert.SkipUnless(await Dcm2pnm.ExistsAsync(), "no dcm2pnm on the path: install DCMTK");
        var gallery = new Gallery();
        var wrong = new List<string>();
        var (compared, unread, none) = (0, 0, 0);
        foreach (var file in Corpus.Sample(files, 4))
        {
            if (await open(file) is not { } image)
            {
                none++;
                continue;
            }
            var ours = image.Render();
            var theirs = await Dcm2pnm.RenderAsync(image, _folder.FullName);
            await gallery.AddAsync(file.Name, ours, theirs);
            if (theirs is null)
            {
                unread++;
                output.WriteLine($"   -   {file.Name}: not shown by dcm2pnm");
                continue;
            }
            compared++;
            var psnr = Psnr(ours, theirs);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{psnr,6:F1} {file.Name} {image.Pixels.Photometric}"));
            if (psnr >= LeastPsnr == OnPurpose.ContainsKey(file.Name))
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{psnr,6:F1} {file.Name} {(OnPurpose.ContainsKey(file.Name) ? "is listed but the same" : "differs")}"));
            }
        }
        await gallery.CompleteAsync();
        output.WriteLine($"{compared} compared, {unread} not shown by dcm2pnm, {none} without native frames");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // Infinite where all is equal, and 0 where not even the size is.
    private static double Psnr(Picture left, Picture right)
    {
        if ((left.Width, left.Height, left.Channels) != (right.Width, right.Height, right.Channels))
        {
            return 0;
        }
        var squares = 0.0;
        for (var i = 0; i < left.Samples.Length; i++)
        {
            var difference = left.Samples.Span[i] - right.Samples.Span[i];
            squares += difference * difference;
        }
        return squares == 0 ? double.PositiveInfinity : 10 * Math.Log10(255.0 * 255 * left.Samples.Length / squares);
    }
}
