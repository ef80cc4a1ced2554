using System.Text;

namespace VnaCloud.Dicom;

/// <summary>The data dictionary of PS3.6, PS3.7 Annex E and vendors' private elements, as static data searched in place.</summary>
public static partial class DicomDictionary
{
    private const byte RetiredBit = 0x80;

    /// <summary>The public attribute of a tag, also in repeating groups; null for private, group length and unknown tags.</summary>
    public static DicomDictionaryEntry? Find(DicomTag tag) => IndexOf(tag) is >= 0 and var index ? Entry(index) : null;

    /// <summary>The public attribute with exactly this keyword; case matters (PS3.6 section 6).</summary>
    public static DicomDictionaryEntry? FindByKeyword(string keyword)
    {
        ArgumentNullException.ThrowIfNull(keyword);
        Span<byte> wanted = stackalloc byte[128];
        if (!Encoding.UTF8.TryGetBytes(keyword, wanted, out var length))
        {
            return null;
        }
        wanted = wanted[..length];
        var order = ByKeyword;
        int low = 0, high = order.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var compared = Text(Keywords, KeywordsOffsets, order[middle]).SequenceCompareTo(wanted);
            if (compared == 0)
            {
                return Entry(order[middle]);
            }
            (low, high) = compared < 0 ? (middle + 1, high) : (low, middle - 1);
        }
        return null;
    }

    /// <summary>The private element that <paramref name="creator"/> defines, in whichever block it was reserved (PS3.5 section 7.8.1).</summary>
    public static DicomDictionaryEntry? FindPrivate(string creator, DicomTag tag)
    {
        ArgumentNullException.ThrowIfNull(creator);
        if (PrivateIndexOf(creator, tag) is >= 0 and var index)
        {
            var name = Encoding.UTF8.GetString(Text(PrivateNames, PrivateNamesOffsets, index));
            return PrivateEntry(new DicomTag(PrivateTags[index]), PrivateKinds[index], PrivateVms[index], name);
        }
        return PrivateRepeatOf(creator, tag) is { } found
            ? PrivateEntry(new DicomTag(found.Group, found.Element), found.Kind, found.Vm, found.Name)
            : null;
    }

    /// <summary>
    /// The VR to read an element by when the encoding does not say (PS3.5 section 7.1.3, Annex A.1): group lengths are UL,
    /// private creators LO, what no dictionary knows UN. Where the standard allows several VRs, the first of them: US of "US or
    /// SS", OW of "OB or OW". Allocates nothing.
    /// </summary>
    /// <param name="tag">The element.</param>
    /// <param name="privateCreator">Value of the private creator of the element's block, where there is one.</param>
    public static DicomVr VrOf(DicomTag tag, string? privateCreator)
    {
        if (tag.IsGroupLength)
        {
            return DicomVr.UL;
        }
        if (!tag.IsPrivate)
        {
            return IndexOf(tag) is >= 0 and var index ? Kinds[TagKinds[index] & ~RetiredBit][0] : DicomVr.UN;
        }
        if (tag.IsPrivateCreator)
        {
            return DicomVr.LO;
        }
        return privateCreator is null ? DicomVr.UN : PrivateVrOf(privateCreator, tag);
    }

    private static DicomVr PrivateVrOf(string creator, DicomTag tag)
    {
        if (PrivateIndexOf(creator, tag) is >= 0 and var index)
        {
            return Kinds[PrivateKinds[index]][0];
        }
        return PrivateRepeatOf(creator, tag) is { } found ? Kinds[found.Kind][0] : DicomVr.UN;
    }

    private static int IndexOf(DicomTag tag)
    {
        var index = Tags.BinarySearch(tag.Value);
        return index >= 0 || RepeatingBase(tag) is not { } repeating ? index : Tags.BinarySearch(repeating);
    }

    // The repeating groups and elements of PS3.6 sections 7 and 8 at the base under which the tables hold them.
    private static uint? RepeatingBase(DicomTag tag) => (tag.Group, tag.Element) switch
    {
        ( >= 0x5000 and <= 0x50FF, var element) when !tag.IsPrivate => 0x5000_0000u | element,
        ( >= 0x6000 and <= 0x60FF, var element) when !tag.IsPrivate => 0x6000_0000u | element,
        ( >= 0x7F00 and < 0x7FE0, var element) when !tag.IsPrivate => 0x7F00_0000u | element,
        (0x0020, >= 0x3100 and <= 0x31FF) => 0x0020_3100u,
        (0x0028, >= 0x0410 and <= 0x04FF and var element) => 0x0028_0410u | (element & 0x0Fu),
        (0x0028, >= 0x0800 and <= 0x08FF and var element) => 0x0028_0800u | (element & 0x0Fu),
        (0x1000, var element) => 0x1000_0010u | (element & 0x0Fu),
        (0x1010, _) => 0x1010_0004u,
        _ => null,
    };

    private static int PrivateIndexOf(string creator, DicomTag tag)
    {
        if (tag.Element < 0x1000 || CreatorIndexOf(creator) is not (>= 0 and var owner))
        {
            return -1;
        }
        var start = PrivateStarts[owner];
        var mine = PrivateTags[start..PrivateStarts[owner + 1]];
        var index = mine.BinarySearch(tag.Value);
        if (index < 0)
        {
            index = mine.BinarySearch(tag.Value & 0xFFFF_00FF);
        }
        return index < 0 ? -1 : start + index;
    }

    private static int CreatorIndexOf(ReadOnlySpan<char> creator)
    {
        creator = creator.TrimEnd(' ');
        Span<byte> wanted = stackalloc byte[64];
        if (!Encoding.UTF8.TryGetBytes(creator, wanted, out var length))
        {
            return -1;
        }
        wanted = wanted[..length];
        int low = 0, high = PrivateCreatorsOffsets.Length - 2;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var compared = Text(PrivateCreators, PrivateCreatorsOffsets, middle).SequenceCompareTo(wanted);
            if (compared == 0)
            {
                return middle;
            }
            (low, high) = compared < 0 ? (middle + 1, high) : (low, middle - 1);
        }
        return -1;
    }

    private static PrivateRepeat? PrivateRepeatOf(string creator, DicomTag tag)
    {
        foreach (var repeat in PrivateRepeats)
        {
            if (tag.Group >= repeat.Group && tag.Group <= repeat.LastGroup && tag.Element >= 0x1000
                && (tag.Element & 0xFF) == repeat.Element && creator.AsSpan().TrimEnd(' ').SequenceEqual(repeat.Creator))
            {
                return repeat;
            }
        }
        return null;
    }

    private static DicomDictionaryEntry Entry(int index)
    {
        var kind = TagKinds[index];
        var vrs = Kinds[kind & ~RetiredBit];
        var keyword = Encoding.UTF8.GetString(Text(Keywords, KeywordsOffsets, index));
        return new(new DicomTag(Tags[index]), vrs[0], vrs[1..], Vms[TagVms[index]], keyword, InWords(keyword), (kind & RetiredBit) != 0);
    }

    private static DicomDictionaryEntry PrivateEntry(DicomTag tag, byte kind, byte vm, string name) =>
        new(tag, Kinds[kind][0], Kinds[kind][1..], Vms[vm], "", name, Retired: false);

    // The tables hold a line feed after each name.
    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> texts, ReadOnlySpan<int> offsets, int index) =>
        texts[offsets[index]..(offsets[index + 1] - 1)];

    // SOPInstanceUID becomes SOP Instance UID: a word starts at a capital after a small letter, or before one.
    private static string InWords(string keyword)
    {
        var words = new StringBuilder(keyword.Length + 8);
        for (var i = 0; i < keyword.Length; i++)
        {
            var starts = i > 0 && char.IsAsciiLetterUpper(keyword[i])
                && (!char.IsAsciiLetterUpper(keyword[i - 1]) || (i + 1 < keyword.Length && char.IsAsciiLetterLower(keyword[i + 1])));
            words.Append(starts ? " " : "").Append(keyword[i]);
        }
        return words.ToString();
    }

    private sealed record PrivateRepeat(string Creator, ushort Group, ushort LastGroup, ushort Element, byte Kind, byte Vm, string Name);
}
