using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>Each kind of object, and each compression, in the viewer.</summary>
[Collection("viewer")]
public sealed class KindsTests(ViewerFixture fixture)
{
    // One file of a study each.
    [Theory]
    [InlineData("mr-big-endian", "dcmjsdimse-ebe")]
    [InlineData("mr-jpeg-lossless", "dcm4che-mr-jpeglosslesssv1")]
    [InlineData("mr-jpeg2000", "nibabel-slicethickness_empty_string")]
    [InlineData("mr-jpegls", "wg04-mr1_jlsl")]
    [InlineData("mr-jpeg-12-bit", "wg04-mr4_jply")]
    [InlineData("cr-near-lossless", "wg04-rg2_jlsn")]
    [InlineData("cr-htj2k", "gen-htj2k203-gray16")]
    [InlineData("dx-jpeg2000", "pylibjpeg-966_fixed")]
    [InlineData("mg", "gen-mg-for-processing")]
    [InlineData("pt", "suyashkumar-1")]
    [InlineData("us-rle", "wg04-us1_rle")]
    [InlineData("us-palette-frames", "dcm4che-us-pal-8-10x-echo")]
    [InlineData("xa-frames-jpeg", "fodicom-hasfragmentsequence")]
    [InlineData("xa-enhanced", "gen-enhanced-xa")]
    [InlineData("ecg", "pydicom-waveform_ecg")]
    public async Task Picture_OfTheKind_IsShown(string kind, string file)
    {
        await using var page = await OpenAsync(file);

        await page.UntilPictureAsync();
        await page.ScreenshotAsync(kind);
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Document_Pdf_IsShownByTheBrowser()
    {
        await using var page = await OpenAsync("dcmjsdimse-pdf");

        var shown = page.Page.Locator("object[type='application/pdf'], iframe, embed").First;
        await shown.WaitForAsync();
        await ViewerPage.UntilAsync(
            async () => (await shown.EvaluateAsync<string>("element => element.data || element.src || ''")).StartsWith("blob:", StringComparison.Ordinal),
            () => Task.FromResult("The document was not fetched."));
        await page.ScreenshotAsync("pdf");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Slide_IsShownInItsColors()
    {
        await using var page = await fixture.OpenAsync($"viewer/open?StudyInstanceUIDs={ViewerFixture.Slide.Study}");

        Task<Pixel[]> Colors() => page.ColorsAsync(".ol-layer canvas, canvas.ol-layer", 0.45, 0.55);
        await ViewerPage.UntilAsync(
            // The slide lies as slides do (PS3.3 C.8.12.2.1.1), half a turn from its tiles.
            async () => await Colors() is [{ R: < 60, B: > 150 }, { R: > 150, B: < 60 }],
            async () => $"The slide shows {string.Join(", ", await Colors())}.");
        await page.ScreenshotAsync("slide");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Video_Mp4_IsPlayedFromItsAddress()
    {
        await using var page = await fixture.OpenAsync("viewer/");
        var study = ViewerFixture.NewPhantom();
        await ViewerFixture.StoreAsync(fixture.Site.BaseUrl, [Video(study, await page.RecordAsync())]);

        await page.GoAsync($"viewer/viewer?StudyInstanceUIDs={study.Study}");

        // The recording is of an orange surface.
        Task<Pixel[]> Colors() => page.ColorsAsync("canvas.cornerstone-canvas", 0.5);
        await ViewerPage.UntilAsync(async () => await Colors() is [{ R: > 180, G: > 80 and < 190, B: < 90 }], async () => $"The video shows {string.Join(", ", await Colors())}.");
        await page.ScreenshotAsync("video");
        await page.AssertCleanAsync();
    }

    private async Task<ViewerPage> OpenAsync(string name)
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var file = Corpus.Valid.Single(row => row.Name == $"{name}.dcm");
        await fixture.StoreOnceAsync(file);
        return await fixture.OpenAsync($"viewer/viewer?StudyInstanceUIDs={file["study_uid"]}");
    }

    private static byte[] Video(Phantom study, byte[] mp4)
    {
        const string sopClass = "1.2.840.10008.5.1.4.1.1.77.1.4.1", sop = "1.2.826.0.1.3680043.10.7.300.99.1.1";
        var data = NaturalObject.Read($$"""
            { {{study.Common(sopClass, $"{study.Study}.7", sop, "XC", 1)}},
              "ImageType": ["ORIGINAL", "PRIMARY"], "InstanceNumber": 1, "SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_PARTIAL_420", "PlanarConfiguration": 0, "NumberOfFrames": 25,
              "Rows": 240, "Columns": 320, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0, "CineRate": 25, "FrameTime": 40, "FrameIncrementPointer": "00181063", "LossyImageCompression": "01" }
            """);
        data.Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, new EncapsulatedPixelData { Values = [mp4.Length % 2 == 0 ? mp4 : [.. mp4, 0]] }));
        var meta = new DicomDataSet().Set(DicomTags.MediaStorageSOPClassUID, DicomVr.UI, sopClass).Set(DicomTags.MediaStorageSOPInstanceUID, DicomVr.UI, sop)
            .Set(DicomTags.ImplementationClassUID, DicomVr.UI, "2.25.306146541338230516155424302325712219157");
        return DicomWriter.ToArray(meta, data, TransferSyntax.Get("1.2.840.10008.1.2.4.102"));
    }
}
