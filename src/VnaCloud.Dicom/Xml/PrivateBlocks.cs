namespace VnaCloud.Dicom;

/// <summary>Private elements of the Native DICOM Model: tag gggg00ee with the creator's name, whose block a data set may or may not have yet (PS3.19 section A.1.6).</summary>
internal static class PrivateBlocks
{
    private const int FirstBlock = 0x10, LastBlock = 0xFF;

    /// <summary>The tag in the creator's block; the first free one is reserved where it has none (PS3.5 section 7.8.1).</summary>
    public static DicomTag Place(DicomDataSet dataSet, DicomTag tag, string creator)
    {
        creator = creator.Trim();
        if (Find(dataSet, tag.Group, creator) is { } found)
        {
            return In(found, tag);
        }
        for (var block = FirstBlock; block <= LastBlock; block++)
        {
            var reserving = new DicomTag(tag.Group, (ushort)block);
            if (dataSet[reserving] is null)
            {
                dataSet.Set(reserving, DicomVr.LO, creator);
                return In(reserving, tag);
            }
        }
        throw new DicomFormatException(DicomFault.Malformed, "The group has no free block for another private creator", 0, tag);
    }

    /// <summary>The tag without its block, where the creator's name tells the block; else as it is: one creator may have several.</summary>
    public static DicomTag Without(DicomDataSet dataSet, DicomTag tag, string creator) =>
        Find(dataSet, tag.Group, creator) == tag.PrivateCreatorTag ? new DicomTag(tag.Group, (ushort)(tag.Element & 0xFF)) : tag;

    private static DicomTag? Find(DicomDataSet dataSet, ushort group, string creator)
    {
        for (var block = FirstBlock; block <= LastBlock; block++)
        {
            var reserving = new DicomTag(group, (ushort)block);
            if (dataSet[reserving] is { } element && dataSet.CharacterSet.Decode(element.Value.Span, DicomVr.LO).Trim() == creator)
            {
                return reserving;
            }
        }
        return null;
    }

    private static DicomTag In(DicomTag creator, DicomTag tag) => new(tag.Group, (ushort)((creator.Element << 8) | tag.Element));
}
