namespace VnaCloud.Dicom;

/// <summary>Private elements of the Native DICOM Model: tag gggg00ee with the creator's name, whose block a data set may or may not have yet (PS3.19 section A.1.6).</summary>
internal static class PrivateBlocks
{
    private const int FirstBlock = 0x10, LastBlock = 0xFF;

    /// <summary>The tag in the creator's block; the first free one is reserved where it has none (PS3.5 section 7.8.1).</summary>
    public static DicomTag Place(DicomDataSet dataSet, DicomTag tag, string creator)
    {
        creator = creator.Trim();
        for (var block = FirstBlock; block <= LastBlock; block++)
        {
            var reserving = new DicomTag(tag.Group, (ushort)block);
            var element = dataSet[reserving];
            if (element is null)
            {
                dataSet.Set(reserving, DicomVr.LO, creator);
            }
            else if (dataSet.CharacterSet.Decode(element.Value.Span, DicomVr.LO).Trim() != creator)
            {
                continue;
            }
            return new DicomTag(tag.Group, (ushort)((block << 8) | tag.Element));
        }
        throw new DicomFormatException(DicomFault.Malformed, "The group has no free block for another private creator", 0, tag);
    }

    /// <summary>The tag without its block.</summary>
    public static DicomTag Without(DicomTag tag) => new(tag.Group, (ushort)(tag.Element & 0xFF));
}
