using System.Security.Cryptography;
using VnaCloud.Dicom;
using VnaCloud.Server.Wado.Rendered;

namespace VnaCloud.Server.Tests.Wado.Rendered;

/// <summary>What stands above the content, and what goes with the page.</summary>
public sealed class ReportPageHeaderTests
{
    [Fact]
    public void Header_SaysWhoWhatAndWhoAnswersForIt()
    {
        var verifier = new DicomDataSet().Set(DicomTags.VerifyingObserverName, DicomVr.PN, "Roe^Richard").Set(DicomTags.VerifyingOrganization, DicomVr.LO, "Clinic")
            .Set(DicomTags.VerificationDateTime, DicomVr.DT, "20010213184746")
            .With(DicomTags.VerifyingObserverIdentificationCodeSequence, Reports.Code("1705", "RR"));
        var author = new DicomDataSet().Set(DicomTags.PersonName, DicomVr.PN, "Poe^Ann").Set(DicomTags.InstitutionName, DicomVr.LO, "Clinic");
        var report = Reports.Root().Set(DicomTags.CompletionFlag, DicomVr.CS, "PARTIAL").Set(DicomTags.CompletionFlagDescription, DicomVr.LO, "First look")
            .Set(DicomTags.VerificationFlag, DicomVr.CS, "VERIFIED").Set(DicomTags.PatientID, DicomVr.LO, "4711").Set(DicomTags.PatientSex, DicomVr.CS, "F")
            .Set(DicomTags.PatientBirthDate, DicomVr.DA, "19700101").Set(DicomTags.StudyDescription, DicomVr.LO, "Thorax").Set(DicomTags.StudyID, DicomVr.SH, "7")
            .Set(DicomTags.ContentDate, DicomVr.DA, "20010213").Set(DicomTags.ContentTime, DicomVr.TM, "1847")
            .With(DicomTags.VerifyingObserverSequence, verifier).With(DicomTags.AuthorObserverSequence, author);
        Assert.StartsWith("Imaging Report PARTIAL VERIFIED First look Patient Jane Doe Patient ID 4711 Born 1970-01-01 Sex female Study Thorax (#7) "
            + "Document Comprehensive SR Content date 2001-02-13 18:47 Verified by 2001-02-13 18:47:46 - Richard Roe, Clinic "
            + "- RR (1705, 99TEST) Author Ann Poe, Clinic ", Reports.TextOf(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Predecessor_IsLinkedByItsOwnStudy()
    {
        var report = Reports.Root().With(DicomTags.PredecessorDocumentsSequence, Reports.Evidence("1.2.5", "1.2.6", Reports.Reference("1.2.7", "1.2.840.10008.5.1.4.1.1.88.11")));
        var link = Assert.Single(Reports.Parse(Reports.Page(report)).Descendants(Reports.Html + "a"));
        Assert.Equal(("Basic Text SR", $"{Reports.DicomWebUrl}/studies/1.2.5/series/1.2.6/instances/1.2.7/rendered"), (link.Value, link.Attribute("href")!.Value));
    }

    [Fact]
    public void Observers_PastTheLimit_AreCutOffVisibly()
    {
        var observers = Enumerable.Range(0, ReportLimits.ListEntries + 1).Select(i => new DicomDataSet().Set(DicomTags.VerifyingObserverName, DicomVr.PN, $"O{i}")).ToArray();
        var text = Reports.TextOf(Reports.Root().With(DicomTags.VerifyingObserverSequence, observers));
        Assert.Contains("Verified by and more", text, StringComparison.Ordinal);
        Assert.Contains("This page does not show all of the document.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Policy_AllowsTheStylesheetAndNothingElse()
    {
        Assert.Equal(ReportStyle.Hash, $"sha256-{Convert.ToBase64String(SHA256.HashData(ReportStyle.Sheet))}");
        Assert.Equal($"sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{ReportStyle.Hash}'", ReportPage.ContentSecurityPolicy);
    }

    [Fact]
    public void Stylesheet_InThePage_IsTheOneThatIsHashed()
    {
        var page = Reports.Page(Reports.Root());
        var style = Assert.Single(Reports.Parse(page).Descendants(Reports.Html + "style")).Value;
        Assert.Equal(System.Text.Encoding.UTF8.GetString(ReportStyle.Sheet), style);
        Assert.Contains($"<style>{style}</style>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2.840.10008.5.1.4.1.1.88.33", true)]
    [InlineData("1.2.840.10008.5.1.4.1.1.88.59", true)]
    [InlineData("1.2.840.10008.5.1.4.1.1.79.1", true)]
    [InlineData("1.2.840.10008.5.1.4.1.1.2", false)]
    [InlineData("", false)]
    public void IsReport_GoesByTheSopClass(string sopClass, bool expected)
    {
        Assert.Equal(expected, ReportPage.IsReportClass(sopClass));
        Assert.Equal(expected, ReportPage.IsReport(new DicomDataSet().Set(DicomTags.SOPClassUID, DicomVr.UI, sopClass)));
    }

    [Fact]
    public void IsReport_OfAPrivateClassWithAContentTree_IsTrue() =>
        Assert.True(ReportPage.IsReport(Reports.Root().Set(DicomTags.SOPClassUID, DicomVr.UI, "1.2.999")));
}
