using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.TestKit;
using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>Search by each attribute that the index has.</summary>
[Collection("study page")]
public sealed class FilterTests(StudyPageFixture fixture)
{
    // One field for each; the study's date has two.
    private static readonly Dictionary<string, string> Typed = new()
    {
        ["IssuerOfPatientID"] = "FILTER-IS", ["PatientBirthDate"] = "1931-02-03", ["PatientSex"] = "O", ["ReferringPhysicianName"] = "filterdoc", ["StudyID"] = "FILT-1",
        ["StudyTime"] = "03:17", ["SeriesDescription"] = "iltered ser", ["BodyPartExamined"] = "filterpa", ["Modality"] = "xc", ["SeriesNumber"] = "7731",
        ["InstitutionName"] = "Filter Clinic", ["StationName"] = "FILTERST", ["RequestedProcedureID"] = "FILTRP", ["ScheduledProcedureStepID"] = "FILTSP",
        ["PerformedProcedureStepStartDate"] = "1999-12-31", ["PerformedProcedureStepStartTime"] = "04:05", ["InstanceNumber"] = "88123", ["NumberOfFrames"] = "3",
        ["Rows"] = "11", ["Columns"] = "13", ["BitsAllocated"] = "16",
    };

    [Fact]
    public async Task EachIndexedAttribute_HasAField_ThatFindsTheStudy()
    {
        await using var page = await fixture.OpenAsync();
        var spec = Patients.Single("Filtered^Fred") with { InstanceNumber = 88123, SeriesNumber = 7731, Modality = "XC", Frames = 3, Rows = 11, Columns = 13, SopClass = "1.2.840.10008.5.1.4.1.1.77.1.4" };
        await page.DropAsync(new LocalFile("filtered.dcm", Instances.File(spec, DataSet(spec))), Patients.File(Patients.Single("Unfiltered^Una")));
        Assert.Equal("2 files stored", await page.UploadResultAsync());
        var first = new HashSet<string>(["StudyDate", "AccessionNumber", "ModalitiesInStudy", "StudyDescription", "PatientName", "PatientID"]);
        var uids = new Dictionary<string, string> { ["StudyInstanceUID"] = spec.Study, ["SeriesInstanceUID"] = spec.Series, ["SOPInstanceUID"] = spec.Sop, ["SOPClassUID"] = spec.SopClass };

        foreach (var attribute in IndexedAttributes.All.Where(attribute => !first.Contains(attribute.Keyword)))
        {
            var text = uids.TryGetValue(attribute.Keyword, out var uid) ? uid : Typed[attribute.Keyword];
            await page.GoAsync($"#/?PatientName=filtered&{attribute.Keyword}={Uri.EscapeDataString(text)}");
            await page.Settled();
            await Expect(page.Page.Locator("#search.open")).ToBeVisibleAsync();
            Assert.Equal(text, await page.Page.InputValueAsync($"[name={attribute.Keyword}]"));
            Assert.True(await page.Rows.CountAsync() == 1, $"{attribute.Keyword} = {text} finds {await page.Rows.CountAsync()} studies: {await page.Page.Locator("#list-notice").InnerTextAsync()}");
            await Expect(page.Rows.First).ToContainTextAsync("Filtered, Fred");
        }
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task MoreFilters_AreShownAndSearchedWithTheOthers()
    {
        await using var page = await fixture.OpenAsync();
        await page.DropAsync(Patients.Study("Narrow^Nils"));
        await page.UploadResultAsync();
        await page.Page.ClickAsync("#more-filters");
        await page.ScreenshotAsync("filters");
        await page.Page.FillAsync("[name=PatientName]", "narrow");
        await page.SearchAsync("Rows", "64");
        await Expect(page.Rows).ToHaveCountAsync(1);
        await page.SearchAsync("Rows", "65");
        await Expect(page.Page.GetByText("No study matches")).ToBeVisibleAsync();
        await page.Page.ClickAsync("#clear");
        Assert.Equal("", await page.Page.InputValueAsync("[name=Rows]"));
        Assert.Empty(page.Complaints);
    }

    private static DicomDataSet DataSet(InstanceSpec spec)
    {
        var data = Instances.DataSet(spec)
            .Set(DicomTags.IssuerOfPatientID, DicomVr.LO, "FILTER-ISSUER").Set(DicomTags.PatientBirthDate, DicomVr.DA, "19310203").Set(DicomTags.PatientSex, DicomVr.CS, "O")
            .Set(DicomTags.ReferringPhysicianName, DicomVr.PN, "Filterdoc^Fay").Set(DicomTags.StudyID, DicomVr.SH, "FILT-17").Set(DicomTags.StudyTime, DicomVr.TM, "031742")
            .Set(DicomTags.SeriesDescription, DicomVr.LO, "A filtered series").Set(DicomTags.BodyPartExamined, DicomVr.CS, "FILTERPART").Set(DicomTags.InstitutionName, DicomVr.LO, "The Filter Clinic")
            .Set(DicomTags.StationName, DicomVr.SH, "FILTERSTATION").Set(DicomTags.PerformedProcedureStepStartDate, DicomVr.DA, "19991231").Set(DicomTags.PerformedProcedureStepStartTime, DicomVr.TM, "040559")
            .Set(DicomTags.BitsAllocated, (ushort)16).Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, new byte[3 * 11 * 13 * 2]));
        return data.Set(new DicomElement(DicomTags.RequestAttributesSequence, [new DicomDataSet { Parent = data }
            .Set(DicomTags.RequestedProcedureID, DicomVr.SH, "FILTRP-1").Set(DicomTags.ScheduledProcedureStepID, DicomVr.SH, "FILTSP-1")]));
    }
}
