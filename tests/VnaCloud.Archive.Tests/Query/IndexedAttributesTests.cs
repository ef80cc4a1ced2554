using VnaCloud.Dicom;

namespace VnaCloud.Archive.Tests.Query;

public sealed class IndexedAttributesTests
{
    [Theory]
    [InlineData(0x0010_0010u, QueryLevel.Study)]
    [InlineData(0x0008_0060u, QueryLevel.Series)]
    [InlineData(0x0040_0009u, QueryLevel.Series)]
    [InlineData(0x0008_0018u, QueryLevel.Instance)]
    public void LevelOf_IndexedAttribute_IsItsLevel(uint tag, QueryLevel level) => Assert.Equal(level, IndexedAttributes.LevelOf(new DicomTag(tag)));

    [Fact]
    public void LevelOf_OtherAttribute_IsNull() => Assert.Null(IndexedAttributes.LevelOf(new DicomTag(0x0009_0010)));
}
