using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>DCMTK's movescu and getscu retrieve through the gateway; storescp is the destination (checklist gateway B39 to B42).</summary>
public sealed class DcmtkRetrieveTests(StockedSite site) : IClassFixture<StockedSite>
{
    private const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";
    private static readonly string[] OneStudy = ["-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={StockedSite.Study}"];

    [Theory]
    [Trait("gateway", "B39")]
    [InlineData("-S", "STUDY", "StudyInstanceUID=1.2.826.0.1.1", 5)]
    [InlineData("-S", "SERIES", "StudyInstanceUID=1.2.826.0.1.1;SeriesInstanceUID=1.2.826.0.1.1.1", 3)]
    [InlineData("-S", "IMAGE", "StudyInstanceUID=1.2.826.0.1.1;SeriesInstanceUID=1.2.826.0.1.1.1;SOPInstanceUID=1.2.826.0.1.1.1.1\\\\1.2.826.0.1.1.1.3", 2)]
    [InlineData("-P", "PATIENT", "PatientID=P1", 5)]
    [InlineData("-S", "STUDY", "StudyInstanceUID=1.2.826.0.9", 0)] // nothing matches: success
    public async Task Movescu_ToStorescp_GetsTheDataSetsAsTheyAreStored(string model, string level, string keys, int count)
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        var (exit, text) = await site.RunAsync("movescu", StockedSite.Workstation, [model, "-aem", "ANY", "-k", $"QueryRetrieveLevel={level}", .. keys.Split(';').SelectMany(key => (string[])["-k", key])]);
        Assert.True(exit == 0, text);
        var files = site.Take("ANY");
        Assert.Equal(count, files.Count);
        await RequireSameAsync(files);
    }

    [Theory]
    [Trait("gateway", "B41")]
    [InlineData("ANY", StockedSite.Deflated, "1.2.840.10008.1.2.1.99")]
    [InlineData("PLAIN", StockedSite.Deflated, "1.2.840.10008.1.2.1")]
    [InlineData("IMPLICIT", StockedSite.Deflated, "1.2.840.10008.1.2")]
    [InlineData("PLAIN", StockedSite.Implicit, "1.2.840.10008.1.2")] // it would rather have Explicit VR, but takes what is stored
    [InlineData("IMPLICIT", StockedSite.Ct, "1.2.840.10008.1.2")]
    public async Task Storescp_GetsTheStoredSyntaxWhereItTakesIt_ElseAPlainOne(string destination, string study, string syntax)
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        string[] keys = study == StockedSite.Ct
            ? ["-k", "QueryRetrieveLevel=IMAGE", "-k", $"StudyInstanceUID={StockedSite.Study}", "-k", $"SeriesInstanceUID={study}", "-k", $"SOPInstanceUID={study}.1"]
            : ["-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={study}"];
        var (exit, text) = await site.RunAsync("movescu", StockedSite.Workstation, ["-S", "-aem", destination, .. keys]);
        Assert.True(exit == 0, text);
        var file = Assert.Single(site.Take(destination));
        Assert.Equal(syntax, (await Files.ReadAsync(file)).Syntax);
        await RequireSameAsync([file]);
    }

    [Fact]
    [Trait("gateway", "B39")]
    public async Task Storescp_ThatDoesNotTakeAClass_IsNamedAsTheReason()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        await using var association = await site.Gateway.ConnectAsync(StockedSite.Workstation, [StudyRootMove]);
        var study = new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, "STUDY").Set(DicomTags.StudyInstanceUID, DicomVr.UI, StockedSite.NoStorage);
        var last = await association.MoveAsync(StudyRootMove, "ANY", study).LastAsync();
        Assert.Equal("A702H", last.Status.ToString());
        Assert.StartsWith("The destination takes neither this SOP class", last.ErrorComment, StringComparison.Ordinal);
        Assert.Equal([StockedSite.NoStorage + ".1.1"], last.DataSet!.Strings(DicomTags.FailedSOPInstanceUIDList));
    }

    [Theory]
    [Trait("gateway", "B41")]
    [InlineData("ANY")]
    [InlineData("PLAIN")]
    [InlineData("IMPLICIT")]
    public async Task Storescp_OfALosslessJpeg_GetsItsBytesOrItsPixels(string destination)
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        Assert.SkipUnless(NativeCodecs.Exists || destination == "ANY", NativeCodecs.Missing);
        var (stored, _) = await Files.ReadAsync(site.Jpeg!);
        var (exit, text) = await site.RunAsync("movescu", StockedSite.Workstation, "-S", "-aem", destination, "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={stored.String(DicomTags.StudyInstanceUID)}");
        Assert.True(exit == 0, text);
        var file = Assert.Single(site.Take(destination));
        if (destination == "ANY")
        {
            Assert.Equal(Files.DataSetBytes(site.Jpeg!), Files.DataSetBytes(file));
            return;
        }
        // DCMTK's own decoder says what the pixels are.
        using var folder = new Folder();
        var (compressed, plain) = (folder.File("in.dcm", site.Jpeg!), Path.Combine(folder.Path, "out.dcm"));
        var (decoded, why) = await Dcmtk.RunAsync("dcmdjpeg", compressed, plain);
        Assert.True(decoded == 0, why);
        var expected = (await Files.ReadAsync(await File.ReadAllBytesAsync(plain))).DataSet[DicomTags.PixelData]!;
        Assert.Equal(expected.Value.ToArray(), (await Files.ReadAsync(file)).DataSet[DicomTags.PixelData]!.Value.ToArray());
    }

    [Fact]
    [Trait("gateway", "B39")]
    [Trait("attack", "82")]
    public async Task Movescu_ToADestinationThatIsNotInTheTable_IsRefused()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        // Its own title, too: it has no host in the table.
        foreach (var destination in (string[])["NOBODY", StockedSite.Workstation])
        {
            var (exit, text) = await site.RunAsync("movescu", StockedSite.Workstation, ["-S", "-aem", destination, .. OneStudy]);
            Assert.NotEqual(0, exit);
            Assert.Contains("MoveDestinationUnknown", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("gateway", "B39")]
    public async Task Movescu_ToADestinationThatIsGone_IsToldThatAllFailed()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        var (exit, text) = await site.RunAsync("movescu", StockedSite.Workstation, ["-S", "-aem", "GONE", "-d", .. OneStudy]);
        Assert.NotEqual(0, exit);
        Assert.Matches(@"Failed Suboperations +: 5\s", text);
        Assert.Contains("0xa702", text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("gateway", "B38")]
    public async Task Movescu_CancelsALargeStudy_IsHeard()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        var (_, text) = await site.RunAsync("movescu", StockedSite.Workstation, "-S", "-aem", "ANY", "--cancel", "1", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={StockedSite.Large}");
        Assert.Contains("Received Final Move Response (Cancel", text, StringComparison.Ordinal);
        Assert.InRange(site.Take("ANY").Count, 0, StockedSite.LargeInstances - 1);
    }

    [Theory]
    [Trait("gateway", "B42")]
    [InlineData("-S", "STUDY", "StudyInstanceUID=1.2.826.0.1.1", 5)]
    [InlineData("-P", "SERIES", "PatientID=P1;StudyInstanceUID=1.2.826.0.1.1;SeriesInstanceUID=1.2.826.0.1.1.2", 2)]
    [InlineData("-S", "STUDY", "StudyInstanceUID=1.2.826.0.1.2", 1)] // stored deflated, which getscu does not propose
    public async Task Getscu_BitPreserving_GetsTheDataSets(string model, string level, string keys, int count)
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var folder = new Folder();
        var (exit, text) = await site.RunAsync("getscu", StockedSite.Workstation, [model, "+B", "-od", folder.Path, "-k", $"QueryRetrieveLevel={level}", .. keys.Split(';').SelectMany(key => (string[])["-k", key])]);
        Assert.True(exit == 0, text);
        var files = Directory.GetFiles(folder.Path).Select(File.ReadAllBytes).ToList();
        Assert.Equal(count, files.Count);
        await RequireSameAsync(files);
    }

    [Fact]
    [Trait("gateway", "B20")]
    [Trait("gateway", "B56")]
    public async Task Tls_BothWays_SecuresQueryAndRetrieval()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        string[] secure = [.. site.Tls, "-aec", "VNACLOUD", "-aet", StockedSite.Workstation, "127.0.0.1", $"{site.TlsPort}"];
        foreach (var (program, arguments) in new (string, string[])[] { ("echoscu", []), ("findscu", ["-S", .. OneStudy]) })
        {
            var (exit, text) = await Dcmtk.RunAsync(program, ["-v", .. secure, .. arguments]);
            Assert.True(exit == 0, $"{program}: {text}");
        }
        // movescu has no TLS; the destination has.
        var (moved, why) = await site.RunAsync("movescu", StockedSite.Workstation, ["-S", "-aem", "SECURE", .. OneStudy]);
        Assert.True(moved == 0, why);
        await RequireSameAsync(site.Take("SECURE"), 5);
        // A clear client at the TLS port, and one without certificate.
        Assert.NotEqual(0, (await Dcmtk.RunAsync("echoscu", "-to", "5", "-aec", "VNACLOUD", "-aet", StockedSite.Workstation, "127.0.0.1", $"{site.TlsPort}")).ExitCode);
        Assert.NotEqual(0, (await Dcmtk.RunAsync("echoscu", "+tla", "-ic", "-aec", "VNACLOUD", "-aet", StockedSite.Workstation, "127.0.0.1", $"{site.TlsPort}")).ExitCode);
    }

    // Byte for byte where the syntax is the stored one, else by what they say.
    private async Task RequireSameAsync(IReadOnlyList<byte[]> files, int? count = null)
    {
        Assert.Equal(count ?? files.Count, files.Count);
        foreach (var file in files)
        {
            var (dataSet, syntax) = await Files.ReadAsync(file);
            var stored = site.Files[dataSet.String(DicomTags.SOPInstanceUID)];
            if ((await Files.ReadAsync(stored)).Syntax == syntax)
            {
                Assert.Equal(Files.DataSetBytes(stored), Files.DataSetBytes(file));
            }
            else
            {
                Assert.Equal(await Files.SaysAsync(stored), await Files.SaysAsync(file));
            }
        }
    }
}
