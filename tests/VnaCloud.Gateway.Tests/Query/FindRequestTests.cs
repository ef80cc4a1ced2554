using VnaCloud.Dicom;
using VnaCloud.Gateway.Query;

namespace VnaCloud.Gateway.Tests.Query;

public sealed class FindRequestTests
{
    private static readonly QueryOptions Hierarchical = new(Relational: false, FuzzyNames: false);

    [Fact]
    [Trait("gateway", "B34")]
    public void Study_WithEveryKindOfMatching_BecomesASearchOfStudies()
    {
        var request = Read("STUDY", InformationModel.StudyRoot, Hierarchical,
            (DicomTags.PatientName, DicomVr.PN, "DOE^J*"), (DicomTags.StudyDate, DicomVr.DA, "20200101-20200131"), (DicomTags.ModalitiesInStudy, DicomVr.CS, "CT\\MR"),
            (DicomTags.StudyInstanceUID, DicomVr.UI, "1.2\\1.3"), (DicomTags.AccessionNumber, DicomVr.SH, "A?1"), (DicomTags.StudyDescription, DicomVr.LO, "*"),
            (DicomTags.PatientID, DicomVr.LO, ""));
        Assert.Equal(("studies", false), (request.Resource, request.HasUnsupportedKey));
        Assert.Equal(
            ["00080020=20200101-20200131", "00080050=A?1", "00080061=CT,MR", "00100010=DOE^J*", "0020000D=1.2,1.3",
                "includefield=00080020,00080050,00080061,00081030,00100010,00100020,0020000D"],
            request.Query.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(7, request.ReturnKeys.Count);
    }

    [Fact]
    public void Lists_OfText_AskForTheMatchingOfLists()
    {
        var request = Read("STUDY", InformationModel.StudyRoot, new(Relational: false, FuzzyNames: true), (DicomTags.PatientID, DicomVr.LO, "1\\2"));
        Assert.Equal(["00100020=1,2", "multiplevaluematching=true", "fuzzymatching=true", "includefield=00100020"], request.Query.Select(pair => $"{pair.Key}={pair.Value}"));
    }

    [Theory]
    [Trait("gateway", "B33")]
    [InlineData("PATIENT", "", "", "studies")]
    [InlineData("STUDY", "", "", "studies")]
    [InlineData("SERIES", "1.2", "", "studies/1.2/series")]
    [InlineData("IMAGE", "1.2", "1.3", "studies/1.2/series/1.3/instances")]
    public void PatientRoot_WithUpperKeys_FindsTheResource(string level, string study, string series, string resource)
    {
        var request = Read(level, InformationModel.PatientRoot, Hierarchical,
            (DicomTags.PatientID, DicomVr.LO, "P1"), (DicomTags.StudyInstanceUID, DicomVr.UI, study), (DicomTags.SeriesInstanceUID, DicomVr.UI, series));
        Assert.Equal(resource, request.Resource);
        Assert.Contains(request.Query, pair => pair is { Key: "00100020", Value: "P1" });
        Assert.DoesNotContain(request.Query, pair => pair.Key is "0020000D" or "0020000E");
    }

    [Theory]
    [Trait("gateway", "B33")]
    [InlineData("SERIES", "1.2", "series", "series")] // a list below
    [InlineData("SERIES", "", "series", "series")]
    [InlineData("IMAGE", "1.2", "", "studies/1.2/instances")]
    [InlineData("IMAGE", "", "1.3", "instances")]
    public void Relational_MayLeaveUpperKeysOut(string level, string study, string series, string resource)
    {
        var relational = new QueryOptions(Relational: true, FuzzyNames: false);
        var request = Read(level, InformationModel.StudyRoot, relational, (DicomTags.StudyInstanceUID, DicomVr.UI, series == "series" && study.Length > 0 ? "1.2\\1.4" : study),
            (DicomTags.SeriesInstanceUID, DicomVr.UI, series == "series" ? "" : series));
        Assert.Equal(resource, request.Resource);
        Assert.Equal(series == "1.3", request.Query.Any(pair => pair is { Key: "0020000E", Value: "1.3" }));
    }

    [Theory]
    [Trait("gateway", "B33")]
    [InlineData("", InformationModel.StudyRoot, "1.2")]
    [InlineData("WORKLIST", InformationModel.StudyRoot, "1.2")]
    [InlineData("PATIENT", InformationModel.StudyRoot, "1.2")]
    [InlineData("SERIES", InformationModel.StudyRoot, "")]
    [InlineData("SERIES", InformationModel.StudyRoot, "1.2\\1.3")]
    [InlineData("SERIES", InformationModel.StudyRoot, "1.*")]
    [InlineData("SERIES", InformationModel.PatientRoot, "1.2")] // without Patient ID
    public void Identifier_WithoutLevelOrUpperKeys_IsRefused(string level, object model, string study)
    {
        var (request, fault) = FindRequest.Read(Identifier(level, (DicomTags.StudyInstanceUID, DicomVr.UI, study)), (InformationModel)model, Hierarchical);
        Assert.Null(request);
        Assert.InRange(fault!.Length, 1, 64);
    }

    [Fact]
    [Trait("gateway", "B37")]
    public void Key_ThatCannotBeMatched_IsLeftOutAndSaid()
    {
        var request = Read("STUDY", InformationModel.StudyRoot, Hierarchical,
            (new DicomTag(0x00321032), DicomVr.PN, "X"), (DicomTags.Modality, DicomVr.CS, "CT"), (DicomTags.PatientID, DicomVr.LO, "1"));
        Assert.True(request.HasUnsupportedKey);
        Assert.Equal(["00100020", "includefield"], request.Query.Select(pair => pair.Key));
    }

    [Fact]
    [Trait("gateway", "B34")]
    public void Sequence_MatchesByPath()
    {
        var identifier = Identifier("SERIES", (DicomTags.StudyInstanceUID, DicomVr.UI, "1.2"));
        var item = new DicomDataSet { Parent = identifier }.Set(DicomTags.RequestedProcedureID, DicomVr.SH, "RP1").Set(DicomTags.ScheduledProcedureStepID, DicomVr.SH, "");
        identifier.Set(new DicomElement(DicomTags.RequestAttributesSequence, [item]));
        var (request, _) = FindRequest.Read(identifier, InformationModel.StudyRoot, Hierarchical);
        Assert.Contains(request!.Query, pair => pair is { Key: "00400275.00401001", Value: "RP1" });
        Assert.False(request.HasUnsupportedKey);
    }

    private static FindRequest Read(string level, InformationModel model, QueryOptions options, params (DicomTag Tag, DicomVr Vr, string Value)[] keys)
    {
        var (request, fault) = FindRequest.Read(Identifier(level, keys), model, options);
        Assert.Null(fault);
        return request!;
    }

    private static DicomDataSet Identifier(string level, params (DicomTag Tag, DicomVr Vr, string Value)[] keys)
    {
        var identifier = new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, level);
        foreach (var (tag, vr, value) in keys)
        {
            identifier.Set(tag, vr, value);
        }
        return identifier;
    }
}
