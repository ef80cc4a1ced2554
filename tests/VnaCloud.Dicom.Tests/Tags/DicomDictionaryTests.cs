using System.Reflection;

namespace VnaCloud.Dicom.Tests.Tags;

public class DicomDictionaryTests
{
    [Fact]
    public void Find_EveryNamedTag_AgreesWithItsKeyword()
    {
        var named = typeof(DicomTags).GetProperties(BindingFlags.Public | BindingFlags.Static);
        Assert.True(named.Length > 5000);
        foreach (var property in named)
        {
            var tag = (DicomTag)property.GetValue(null)!;
            var entry = DicomDictionary.Find(tag);
            Assert.NotNull(entry);
            Assert.Equal(tag, entry.Tag);
            Assert.Equal(property.Name, entry.Keyword);
            Assert.Equivalent(entry, DicomDictionary.FindByKeyword(property.Name));
            Assert.True(entry.Vr == DicomVr.None || entry.Vr.IsKnown());
        }
    }

    [Fact]
    public void Find_PatientId_ReturnsWhatPs36Prints()
    {
        var entry = DicomDictionary.Find(DicomTags.PatientID)!;
        Assert.Equal((DicomVr.LO, "1", "PatientID", "Patient ID", false), (entry.Vr, entry.Vm, entry.Keyword, entry.Name, entry.Retired));
        Assert.Empty(entry.AlternativeVrs);
    }

    [Fact]
    public void Find_PixelPaddingValue_NamesBothVrs()
    {
        var entry = DicomDictionary.Find(DicomTags.PixelPaddingValue)!;
        Assert.Equal(DicomVr.US, entry.Vr);
        Assert.Equal([DicomVr.SS], entry.AlternativeVrs);
    }

    [Theory]
    [InlineData(0x60023000u, "OverlayData")]
    [InlineData(0x501E0010u, "NumberOfPoints")]
    [InlineData(0x7F020010u, "VariablePixelData")]
    [InlineData(0x002031AAu, "SourceImageIDs")]
    [InlineData(0x00280432u, "CoefficientCoding")]
    [InlineData(0x00280818u, "ImageDataLocation")]
    [InlineData(0x10000123u, "HuffmanTableTriplet")]
    [InlineData(0x10101234u, "ZonalMap")]
    public void Find_RepeatingGroup_ReturnsItsBase(uint tag, string keyword) =>
        Assert.Equal(keyword, DicomDictionary.Find(new(tag))?.Keyword);

    [Theory]
    [InlineData("patientid")]
    [InlineData("Patient ID")]
    [InlineData("")]
    [InlineData("ÄPatientID")]
    public void FindByKeyword_OtherSpelling_FindsNothing(string keyword) => Assert.Null(DicomDictionary.FindByKeyword(keyword));

    [Fact]
    public void FindByKeyword_LongerThanAnyKeyword_FindsNothing() => Assert.Null(DicomDictionary.FindByKeyword(new string('A', 100_000)));

    [Theory]
    [InlineData(0x00100010u, null, DicomVr.PN)]
    [InlineData(0x00280106u, null, DicomVr.US)]
    [InlineData(0x7FE00010u, null, DicomVr.OW)]
    [InlineData(0x00283006u, null, DicomVr.OW)]
    [InlineData(0x00041200u, null, DicomVr.UL)]
    [InlineData(0x7FE00001u, null, DicomVr.OV)]
    [InlineData(0x7FE00003u, null, DicomVr.UV)]
    [InlineData(0x00080000u, null, DicomVr.UL)]
    [InlineData(0x00090000u, null, DicomVr.UL)]
    [InlineData(0x00090010u, null, DicomVr.LO)]
    [InlineData(0x000900FFu, null, DicomVr.LO)]
    [InlineData(0x00090001u, "GEMS_IDEN_01", DicomVr.UN)]
    [InlineData(0x00091001u, null, DicomVr.UN)]
    [InlineData(0x00091001u, "GEMS_IDEN_01", DicomVr.LO)]
    [InlineData(0x0009AB01u, "GEMS_IDEN_01  ", DicomVr.LO)]
    [InlineData(0x00091001u, "NOBODY", DicomVr.UN)]
    [InlineData(0x60031110u, "PAPYRUS 3.0", DicomVr.US)]
    [InlineData(0x00081234u, null, DicomVr.UN)]
    [InlineData(0xFFFEE000u, null, DicomVr.None)]
    public void VrOf_ImplicitVr_FollowsTheDictionary(uint tag, string? creator, DicomVr vr) =>
        Assert.Equal(vr, DicomDictionary.VrOf(new(tag), creator));

    [Fact]
    public void VrOf_ManyElements_AllocatesNothing()
    {
        DicomDictionary.VrOf(new(0x0009AB01), "GEMS_IDEN_01");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0u; i < 1000; i++)
        {
            DicomDictionary.VrOf(new(0x00100000 + i), null);
            DicomDictionary.VrOf(new(0x00091000 + i), "GEMS_IDEN_01");
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void FindPrivate_InAnyBlock_NamesTheElement()
    {
        var entry = DicomDictionary.FindPrivate("SIEMENS CSA HEADER", new(0x00292110));
        Assert.Equal(("CSAImageHeaderInfo", DicomVr.OB, new DicomTag(0x00290010)), (entry?.Name, entry?.Vr, entry?.Tag));
    }

    [Fact]
    public void FindPrivate_CreatorOfHugeLength_FindsNothing() =>
        Assert.Null(DicomDictionary.FindPrivate(new string('G', 100_000), new(0x00291010)));
}
