using VnaCloud.Dicom;
using VnaCloud.Gateway.Query;

namespace VnaCloud.Gateway.Tests.Query;

public sealed class FindAnswerTests
{
    [Fact]
    [Trait("gateway", "B37")]
    public void Answer_HasEveryKeyAskedForAndNoOther()
    {
        var answer = Answer("ISO_IR 100", Result("M\u00FCller^J\u00F6rg"), DicomTags.PatientName, DicomTags.AccessionNumber, new DicomTag(0x00201208));
        Assert.Equal(
            ["(0008,0005)", "(0008,0050)", "(0008,0052)", "(0008,0054)", "(0008,0056)", "(0010,0010)", "(0020,1208)"], answer.Select(element => element.Tag.ToString()));
        Assert.Equal(("ISO_IR 100", "STUDY", "VNACLOUD", "ONLINE"),
            (answer.String(DicomTags.SpecificCharacterSet), answer.String(DicomTags.QueryRetrieveLevel), answer.String(DicomTags.RetrieveAETitle), answer.String(DicomTags.InstanceAvailability)));
        Assert.Equal("M\u00FCller^J\u00F6rg", answer.String(DicomTags.PatientName));
        Assert.Equal("M\u00FCller^J\u00F6rg "u8.Length - 2, answer[DicomTags.PatientName]!.Length); // one byte a letter
        Assert.True(answer[DicomTags.AccessionNumber]!.IsEmpty);
        Assert.Equal(DicomVr.IS, answer[new DicomTag(0x00201208)]!.Vr);
    }

    [Theory]
    [InlineData("ISO_IR 100", "\u5C71\u7530^\u592A\u90CE", "ISO_IR 192")]
    [InlineData("ISO_IR 144", "\u041B\u042E\u043A", "ISO_IR 144")]
    [InlineData("", "Doe^J", "ISO_IR 192")]
    public void Text_IsInTheRequestsCharacterSet_OrInUtf8WhereThatCannotSayIt(string asked, string name, string used)
    {
        var answer = Answer(asked, Result(name), DicomTags.PatientName);
        Assert.Equal((used, name), (answer.String(DicomTags.SpecificCharacterSet), answer.String(DicomTags.PatientName)));
    }

    [Fact]
    public void Sequence_IsGivenByTheKeysOfItsItem()
    {
        var result = Result("A");
        var stored = new DicomDataSet { Parent = result }.Set(DicomTags.RequestedProcedureID, DicomVr.SH, "RP").Set(DicomTags.ScheduledProcedureStepID, DicomVr.SH, "SPS");
        result.Set(new DicomElement(DicomTags.RequestAttributesSequence, [stored]));
        var identifier = new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, "STUDY");
        identifier.Set(new DicomElement(DicomTags.RequestAttributesSequence, [new DicomDataSet { Parent = identifier }.Set(DicomTags.RequestedProcedureID, DicomVr.SH, "")]));
        var request = FindRequest.Read(identifier, InformationModel.StudyRoot, default).Request!;
        var item = Assert.Single(new FindAnswer(request, SpecificCharacterSet.Utf8, "VNACLOUD").Build(result)[DicomTags.RequestAttributesSequence]!.Items!);
        Assert.Equal("RP", Assert.Single(item).Tag == DicomTags.RequestedProcedureID ? item.String(DicomTags.RequestedProcedureID) : "");
    }

    [Fact]
    public async Task Patients_AreGivenOnce_WithCountsWhereAskedFor()
    {
        DicomDataSet[] studies = [Study("P1", "", 2, 20), Study("P2", "", 1, 5), Study("P1", "", 1, 3), Study("P1", "OTHER", 1, 1)];
        Assert.Equal(["P1", "P2", "P1"], await NamesAsync(studies));
        Assert.Equal(["P1 2 3 23", "P2 1 1 5", "P1 1 1 1"],
            await NamesAsync(studies, DicomTags.NumberOfPatientRelatedStudies, DicomTags.NumberOfPatientRelatedSeries, DicomTags.NumberOfPatientRelatedInstances));
    }

    private static async Task<List<string>> NamesAsync(DicomDataSet[] studies, params DicomTag[] counts)
    {
        var identifier = new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, "PATIENT");
        foreach (var count in counts)
        {
            identifier.Set(count, DicomVr.IS, "");
        }
        var request = FindRequest.Read(identifier, InformationModel.PatientRoot, default).Request!;
        var names = new List<string>();
        await foreach (var patient in new Patients(request).OfAsync(studies.ToAsyncEnumerable()))
        {
            names.Add(string.Join(' ', counts.Select(count => patient.String(count)).Prepend(patient.String(DicomTags.PatientID))));
        }
        return names;
    }

    private static DicomDataSet Study(string id, string issuer, int series, int instances) => Result("A")
        .Set(DicomTags.PatientID, DicomVr.LO, id).Set(DicomTags.IssuerOfPatientID, DicomVr.LO, issuer)
        .Set(DicomTags.NumberOfStudyRelatedSeries, DicomVr.IS, $"{series}").Set(DicomTags.NumberOfStudyRelatedInstances, DicomVr.IS, $"{instances}");

    private static DicomDataSet Result(string name) => new DicomDataSet().Set(DicomTags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192").Set(DicomTags.PatientName, DicomVr.PN, name);

    private static DicomDataSet Answer(string characters, DicomDataSet result, params DicomTag[] keys)
    {
        var identifier = new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, "STUDY");
        foreach (var key in keys)
        {
            identifier.Set(key, DicomDictionary.VrOf(key, null), "");
        }
        var request = FindRequest.Read(identifier, InformationModel.StudyRoot, default).Request!;
        return new FindAnswer(request, SpecificCharacterSet.Parse(characters.Length == 0 ? [] : [characters]), "VNACLOUD").Build(result);
    }
}
