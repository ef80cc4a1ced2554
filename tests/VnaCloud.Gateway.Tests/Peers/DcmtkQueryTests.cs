using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>DCMTK's findscu asks the gateway (checklist gateway B33 to B38).</summary>
public sealed class DcmtkQueryTests(StockedSite site) : IClassFixture<StockedSite>
{
    private const string PatientRoot = "-P";
    private const string StudyRoot = "-S";

    [Theory]
    [Trait("gateway", "B33")]
    [InlineData(PatientRoot, "PATIENT", "PatientID=P1;PatientName", "0010,0020=P1 0010,0010=Müller^Jürgen")]
    [InlineData(PatientRoot, "PATIENT", "PatientName=M*;PatientID;NumberOfPatientRelatedInstances", "0010,0020=P1 0020,1204=5")]
    [InlineData(PatientRoot, "STUDY", "PatientID=P1;StudyInstanceUID;AccessionNumber", "0020,000D=1.2.826.0.1.1 0008,0050=ACC1")]
    [InlineData(PatientRoot, "SERIES", "PatientID=P1;StudyInstanceUID=1.2.826.0.1.1;SeriesInstanceUID;Modality=MR", "0020,000E=1.2.826.0.1.1.2 0008,0060=MR")]
    [InlineData(PatientRoot, "IMAGE", "PatientID=P1;StudyInstanceUID=1.2.826.0.1.1;SeriesInstanceUID=1.2.826.0.1.1.1;SOPInstanceUID;InstanceNumber=2", "0008,0018=1.2.826.0.1.1.1.2 0020,0013=2")]
    [InlineData(StudyRoot, "STUDY", "StudyInstanceUID=1.2.826.0.1.1\\\\1.2.3.4;PatientName;ModalitiesInStudy;NumberOfStudyRelatedInstances", "0010,0010=Müller^Jürgen 0020,1208=5")]
    [InlineData(StudyRoot, "STUDY", "PatientName=mü*r*;StudyInstanceUID;SpecificCharacterSet=ISO_IR 192", "0020,000D=1.2.826.0.1.1")]
    [InlineData(StudyRoot, "STUDY", "AccessionNumber=ACC1;StudyDate=20260101-20261231;StudyInstanceUID", "0020,000D=1.2.826.0.1.1")]
    [InlineData(StudyRoot, "SERIES", "StudyInstanceUID=1.2.826.0.1.1;SeriesInstanceUID;SeriesNumber=1", "0020,000E=1.2.826.0.1.1.1")]
    [InlineData(StudyRoot, "IMAGE", "StudyInstanceUID=1.2.826.0.1.1;SeriesInstanceUID=1.2.826.0.1.1.2;SOPInstanceUID=1.2.826.0.1.1.2.1", "0008,0018=1.2.826.0.1.1.2.1")]
    public async Task Findscu_AtEachLevelOfEachModel_GetsTheOneThatMatches(string model, string level, string keys, string expected)
    {
        var (answers, text) = await FindAsync(StockedSite.Workstation, model, [$"QueryRetrieveLevel={level}", .. keys.Split(';')]);
        Assert.True(answers.Count == 1, $"{answers.Count} answers\n{text}");
        Assert.Contains("Received Final Find Response (Success)", text, StringComparison.Ordinal);
        foreach (var pair in expected.Split(' ').Select(pair => pair.Split('=')))
        {
            Assert.Equal(pair[1], answers[0].String(Tag(pair[0])));
        }
        Assert.Equal(level, answers[0].String(DicomTags.QueryRetrieveLevel));
        Assert.Equal("VNACLOUD", answers[0].String(DicomTags.RetrieveAETitle));
    }

    [Theory]
    [Trait("gateway", "B34")]
    [InlineData("STUDY", "StudyInstanceUID;PatientID=P?", 4)]
    [InlineData("STUDY", "StudyInstanceUID=1.2.826.0.1.1\\\\1.2.826.0.1.2\\\\1.2.9", 2)]
    [InlineData("STUDY", "StudyInstanceUID;ModalitiesInStudy=MR;PatientID=P1", 1)]
    [InlineData("STUDY", "StudyInstanceUID;PatientID=NOBODY", 0)]
    [InlineData("SERIES", "StudyInstanceUID=1.2.826.0.1.1;SeriesInstanceUID", 2)]
    [InlineData("IMAGE", "StudyInstanceUID=1.2.826.0.1.1;SeriesInstanceUID=1.2.826.0.1.1.1;SOPInstanceUID", 3)]
    [InlineData("IMAGE", "StudyInstanceUID=1.2.826.0.1.3;SeriesInstanceUID=1.2.826.0.1.3.1;SOPInstanceUID=*", StockedSite.LargeInstances)] // B36: never cut off
    public async Task Findscu_GetsEveryMatch(string level, string keys, int count)
    {
        var (answers, text) = await FindAsync(StockedSite.Workstation, StudyRoot, [$"QueryRetrieveLevel={level}", .. keys.Split(';')]);
        Assert.Contains("Received Final Find Response (Success)", text, StringComparison.Ordinal);
        Assert.Equal(count, answers.Count);
    }

    [Theory]
    [Trait("gateway", "B33")]
    [InlineData(StudyRoot, "PATIENT", "PatientID")]
    [InlineData(StudyRoot, "SERIES", "SeriesInstanceUID")] // no study
    [InlineData(PatientRoot, "STUDY", "StudyInstanceUID")] // no patient
    [InlineData(StudyRoot, "NONE", "StudyInstanceUID")]
    public async Task Findscu_WithKeysThatAreNotOfTheModel_IsToldSo(string model, string level, string key)
    {
        var (answers, text) = await FindAsync(StockedSite.Workstation, model, [$"QueryRetrieveLevel={level}", key]);
        Assert.Empty(answers);
        Assert.True(text.Contains("DataSetDoesNotMatchSOPClass", StringComparison.Ordinal), text);
    }

    [Theory]
    [Trait("gateway", "B46")]
    [InlineData(StockedSite.Workstation, null, "ISO_IR 192", "4DC3BC6C6C65725E4AC3BC7267656E20")]
    [InlineData(StockedSite.Workstation, "ISO_IR 100", "ISO_IR 100", "4DFC6C6C65725E4AFC7267656E20")]
    [InlineData(StockedSite.Workstation, "ISO_IR 144", "ISO_IR 192", "4DC3BC6C6C65725E4AC3BC7267656E20")] // Cyrillic cannot say it
    [InlineData("LATIN", null, "ISO_IR 100", "4DFC6C6C65725E4AFC7267656E20")] // this device's own
    public async Task Findscu_GetsTextInACharacterSetThatItTakes(string calling, string? asked, string characterSet, string name)
    {
        string[] set = asked is null ? [] : [$"SpecificCharacterSet={asked}"];
        var (answers, text) = await FindAsync(calling, StudyRoot, [.. set, "QueryRetrieveLevel=STUDY", $"StudyInstanceUID={StockedSite.Study}", "PatientName"]);
        Assert.True(answers.Count == 1, text);
        Assert.Equal(characterSet, answers[0].String(DicomTags.SpecificCharacterSet));
        Assert.Equal(name.TrimEnd('0', '2'), Convert.ToHexString(answers[0][DicomTags.PatientName]!.Value.Span).TrimEnd('0', '2'));
        Assert.Equal("Müller^Jürgen", answers[0].String(DicomTags.PatientName));
    }

    [Fact]
    [Trait("gateway", "B37")]
    public async Task Findscu_WithAKeyThatCannotBeMatched_IsToldByEachAnswer()
    {
        var (answers, text) = await FindAsync(StockedSite.Workstation, StudyRoot, ["QueryRetrieveLevel=STUDY", $"StudyInstanceUID={StockedSite.Study}", "PatientWeight=70", "ImageComments"]);
        Assert.Contains("Pending: WarningUnsupportedOptionalKeys", text, StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(answers)[DicomTags.ImageComments]);
    }

    [Fact]
    [Trait("gateway", "B38")]
    public async Task Findscu_CancelsAmongThousands_IsHeard()
    {
        var (answers, text) = await FindAsync(
            StockedSite.Workstation, StudyRoot, ["QueryRetrieveLevel=IMAGE", $"StudyInstanceUID={StockedSite.Large}", $"SeriesInstanceUID={StockedSite.Large}.1", "SOPInstanceUID"], "--cancel", "5");
        Assert.Contains("Received Final Find Response (Cancel", text, StringComparison.Ordinal);
        Assert.InRange(answers.Count, 5, StockedSite.LargeInstances - 1);
    }

    private async Task<(IReadOnlyList<DicomDataSet> Answers, string Text)> FindAsync(string calling, string model, string[] keys, params string[] options)
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var folder = new Folder();
        var (_, text) = await site.RunAsync("findscu", calling, [model, "-X", "-od", folder.Path, .. options, .. keys.SelectMany(key => (string[])["-k", key])]);
        var answers = new List<DicomDataSet>();
        foreach (var file in Directory.GetFiles(folder.Path).Order())
        {
            answers.Add((await Files.ReadAsync(await File.ReadAllBytesAsync(file))).DataSet);
        }
        return (answers, text);
    }

    private static DicomTag Tag(string text) => DicomTag.TryParseHex(text.Replace(",", "", StringComparison.Ordinal), out var tag) ? tag : throw new ArgumentException(text);
}
