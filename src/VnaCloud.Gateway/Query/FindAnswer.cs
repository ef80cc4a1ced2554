using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Query;

/// <summary>
/// Makes the identifiers of pending C-FIND answers (PS3.4 C.4.1.1.3.2) of the results of a search: every key that was asked for and no other, empty
/// where nothing is known. Text is in the character set of the request where that can say it, else in UTF-8.
/// </summary>
internal sealed class FindAnswer(FindRequest request, SpecificCharacterSet characters, string retrieveAe)
{
    private const string Utf8 = "ISO_IR 192";

    /// <summary>The identifier for one result, which is a data set in UTF-8.</summary>
    public DicomDataSet Build(DicomDataSet result) => Build(result, characters, out var lossy) is var identifier && !lossy ? identifier : Build(result, SpecificCharacterSet.Utf8, out _);

    private DicomDataSet Build(DicomDataSet result, SpecificCharacterSet set, out bool lossy)
    {
        var identifier = new DicomDataSet();
        identifier.Set(DicomTags.SpecificCharacterSet, DicomVr.CS, set.Terms is { Count: > 0 } terms ? terms : [Utf8]);
        lossy = Fill(identifier, request.ReturnKeys, result);
        identifier.Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, request.Level.Name());
        identifier.Set(DicomTags.RetrieveAETitle, DicomVr.AE, retrieveAe);
        if (request.Level != QueryRetrieveLevel.Patient)
        {
            identifier.Set(DicomTags.InstanceAvailability, DicomVr.CS, result.String(DicomTags.InstanceAvailability) is { Length: > 0 } availability ? availability : "ONLINE");
        }
        return identifier;
    }

    // Says whether a value could not be written in the character set.
    private static bool Fill(DicomDataSet target, IEnumerable<DicomElement> keys, DicomDataSet source)
    {
        var lossy = false;
        foreach (var key in keys)
        {
            var found = source[key.Tag];
            if (key.Items is { } asked || found?.Items is not null)
            {
                lossy |= FillSequence(target, key, found);
            }
            else if (found is null || found.IsEmpty || found.Fragments is not null)
            {
                target.Set(new DicomElement(key.Tag, VrOf(key, found), default(ReadOnlyMemory<byte>)));
            }
            else if (found.Vr.UsesCharacterSet())
            {
                lossy |= SetText(target, found, source);
            }
            else
            {
                target.Set(new DicomElement(found.Tag, found.Vr, found.Value));
            }
        }
        return lossy;
    }

    // Without keys inside, an item is given whole.
    private static bool FillSequence(DicomDataSet target, DicomElement key, DicomElement? found)
    {
        var (items, lossy) = (new List<DicomDataSet>(), false);
        foreach (var source in found?.Items ?? [])
        {
            var item = new DicomDataSet { Parent = target };
            lossy |= Fill(item, key.Items is [{ Count: > 0 } asked] ? asked : source, source);
            items.Add(item);
        }
        target.Set(new DicomElement(key.Tag, items));
        return lossy;
    }

    private static bool SetText(DicomDataSet target, DicomElement found, DicomDataSet source)
    {
        var text = string.Join('\\', source.CharacterSet.DecodeValues(found.Value.Span, found.Vr));
        target.CharacterSet.Encode(text, found.Vr, out var lossy);
        target.Set(found.Tag, found.Vr, text);
        return lossy;
    }

    private static DicomVr VrOf(DicomElement key, DicomElement? found) =>
        found?.Vr ?? (key.Vr is DicomVr.UN or DicomVr.None ? DicomDictionary.VrOf(key.Tag, null) : key.Vr);
}
