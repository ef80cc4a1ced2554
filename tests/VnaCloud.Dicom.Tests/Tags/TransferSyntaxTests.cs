namespace VnaCloud.Dicom.Tests.Tags;

public class TransferSyntaxTests
{
    [Theory]
    [InlineData("1.2.840.10008.1.2", true, false, false, false, "application/octet-stream")]
    [InlineData("1.2.840.10008.1.2.2", false, true, false, false, "application/octet-stream")]
    [InlineData("1.2.840.10008.1.2.1.99", false, false, true, false, "application/octet-stream")]
    [InlineData("1.2.840.10008.1.2.1.98", false, false, false, true, "application/octet-stream")]
    [InlineData("1.2.840.10008.1.2.8.1", false, false, false, true, "application/octet-stream")]
    [InlineData("1.2.840.10008.1.2.4.50", false, false, false, true, "image/jpeg")]
    [InlineData("1.2.840.10008.1.2.4.70", false, false, false, true, "image/jpeg")]
    [InlineData("1.2.840.10008.1.2.4.80", false, false, false, true, "image/jls")]
    [InlineData("1.2.840.10008.1.2.4.91", false, false, false, true, "image/jp2")]
    [InlineData("1.2.840.10008.1.2.4.92", false, false, false, true, "image/jpx")]
    [InlineData("1.2.840.10008.1.2.4.202", false, false, false, true, "image/jphc")]
    [InlineData("1.2.840.10008.1.2.4.110", false, false, false, true, "image/jxl")]
    [InlineData("1.2.840.10008.1.2.5", false, false, false, true, "image/dicom-rle")]
    [InlineData("1.2.840.10008.1.2.4.101.1", false, false, false, true, "video/mpeg")]
    [InlineData("1.2.840.10008.1.2.4.108", false, false, false, true, "video/mp4")]
    [InlineData("1.2.840.10008.1.2.4.205", false, false, true, false, "application/octet-stream")]
    public void Get_KnownUid_DescribesItsEncoding(
        string uid, bool isImplicit, bool isBig, bool isDeflated, bool isEncapsulated, string mediaType)
    {
        var syntax = TransferSyntax.Get(uid);
        Assert.True(syntax.IsKnown);
        Assert.Equal((isImplicit, isBig, isDeflated, isEncapsulated, mediaType),
            (syntax.IsImplicitVr, syntax.IsBigEndian, syntax.IsDeflated, syntax.IsEncapsulated, syntax.MediaType));
        Assert.Equal(mediaType.StartsWith("video/", StringComparison.Ordinal), syntax.IsVideo);
    }

    [Fact]
    public void Get_PrivateUid_ReadsAsExplicitVrLittleEndian()
    {
        var syntax = TransferSyntax.Get("1.2.3.4");
        Assert.Equal(TransferSyntaxTraits.None, syntax.Traits);
        Assert.False(syntax.IsKnown);
        Assert.Equal("1.2.3.4", syntax.Uid);
    }

    [Fact]
    public void Known_NeverBothDeflatedAndEncapsulated() =>
        Assert.DoesNotContain(TransferSyntax.Known, syntax => syntax.IsDeflated && syntax.IsEncapsulated);
}
