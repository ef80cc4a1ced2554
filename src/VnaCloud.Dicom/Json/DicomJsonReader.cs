using System.Text.Json;

namespace VnaCloud.Dicom;

/// <summary>
/// Reads the DICOM JSON Model (PS3.18 Annex F) into a data set in ISO_IR 192. A BulkDataURI is resolved by the caller, or refused:
/// it is never fetched from here.
/// </summary>
public static class DicomJsonReader
{
    /// <summary>Deepest JSON that is read: three levels of brackets for each nesting of sequences.</summary>
    public const int MaxJsonDepth = 200;

    /// <summary>Attributes of one data set, items included: as many as <see cref="DicomReadLimits.Elements"/> by default; 200,000.</summary>
    public const int MaxElements = 200_000;

    /// <summary>Reads one data set from a JSON object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="bulk">Gives the bytes of a BulkDataURI; null refuses them.</param>
    /// <exception cref="DicomFormatException">The JSON is not a data set of the model. The offset is 0: JSON elements know none.</exception>
    public static DicomDataSet Read(JsonElement json, Func<string, ReadOnlyMemory<byte>>? bulk = null) =>
        Read(json, bulk is null ? null : reference => new DicomElement(reference.Tag, reference.Vr, bulk(reference.Uri)));

    /// <summary>Reads one data set from a JSON object whose bulk values may be anywhere.</summary>
    /// <param name="json">The object.</param>
    /// <param name="bulk">Gives the element of a BulkDataURI; null refuses them.</param>
    /// <exception cref="DicomFormatException">The JSON is not a data set of the model, or is past <see cref="MaxElements"/>.</exception>
    public static DicomDataSet Read(JsonElement json, BulkDataResolver? bulk) => ReadObject(json, null, SpecificCharacterSet.Default, new Reading(bulk));

    private static DicomDataSet ReadObject(JsonElement json, DicomDataSet? parent, SpecificCharacterSet source, Reading reading)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Fault("A data set is a JSON object");
        }
        var dataSet = new DicomDataSet { Parent = parent };
        if (parent is null)
        {
            // Items inherit it.
            dataSet.Set(DicomTags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192");
        }
        source = SourceOf(json) ?? source;
        var elements = new List<DicomElement>();
        foreach (var property in json.EnumerateObject())
        {
            if (!DicomTag.TryParseHex(NameOf(property), out var tag))
            {
                throw Fault("An attribute is named by eight hexadecimal digits");
            }
            reading.Count(tag);
            if (tag != DicomTags.SpecificCharacterSet)
            {
                elements.Add(ReadElement(tag, property.Value, dataSet, source, reading));
            }
        }
        // In ascending order each one is put at the end: many in descending order would be moved again and again.
        foreach (var element in elements.OrderBy(element => element.Tag))
        {
            dataSet.Set(element);
        }
        return dataSet;
    }

    // What bulk text is written in, where the JSON itself is UTF-8 (DICOM CP-2518).
    private static SpecificCharacterSet? SourceOf(JsonElement json)
    {
        if (Property(json, "00080005") is not { ValueKind: JsonValueKind.Object } element || Property(element, "Value") is not { ValueKind: JsonValueKind.Array } terms)
        {
            return null;
        }
        return SpecificCharacterSet.Parse([.. terms.EnumerateArray().Select(term => TextOf(term, DicomTags.SpecificCharacterSet))]);
    }

    private static DicomElement ReadElement(DicomTag tag, JsonElement json, DicomDataSet dataSet, SpecificCharacterSet source, Reading reading)
    {
        var vr = ReadVr(tag, json);
        if (Property(json, "BulkDataURI") is { } uri)
        {
            return reading.Bulk is { } bulk ? bulk(new BulkDataReference(tag, vr, StringOf(uri, tag), dataSet, source)) : throw Fault("A BulkDataURI cannot be resolved here", tag);
        }
        if (Property(json, "InlineBinary") is { } inline)
        {
            var bytes = inline.ValueKind == JsonValueKind.String ? Unicode(() => inline.TryGetBytesFromBase64(out var decoded) ? decoded : null, tag) : null;
            return bytes is not null ? new DicomElement(tag, vr, Even(bytes, 0)) : throw Fault("InlineBinary is not base64", tag);
        }
        if (Property(json, "Value") is not { } value)
        {
            return vr == DicomVr.SQ ? new DicomElement(tag, Array.Empty<DicomDataSet>()) : new DicomElement(tag, vr, default(ReadOnlyMemory<byte>));
        }
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Fault("Value is an array", tag);
        }
        if (vr == DicomVr.SQ)
        {
            return new DicomElement(tag, value.EnumerateArray().Select(item => ReadObject(item, dataSet, source, reading)).ToList());
        }
        return vr.NumberSize() > 0 ? ReadNumbers(tag, vr, value) : ReadText(tag, vr, value, dataSet);
    }

    private static DicomVr ReadVr(DicomTag tag, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || Property(json, "vr") is not { } name || StringOf(name, tag) is not { Length: 2 } letters)
        {
            throw Fault("An attribute is an object with a vr", tag);
        }
        var vr = (DicomVr)(letters[0] << 8 | letters[1]);
        return vr.IsKnown() ? vr : throw Fault("The vr is not one of PS3.5 Table 6.2-1", tag);
    }

    private static DicomElement ReadText(DicomTag tag, DicomVr vr, JsonElement value, DicomDataSet dataSet)
    {
        var text = string.Join('\\', value.EnumerateArray().Select(item => TextOf(item, tag)));
        var bytes = vr.UsesCharacterSet() ? dataSet.CharacterSet.Encode(text, vr) : System.Text.Encoding.Latin1.GetBytes(text);
        return new DicomElement(tag, vr, Even(bytes, vr.Padding()));
    }

    private static string TextOf(JsonElement item, DicomTag tag) => item.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => StringOf(item, tag),
        JsonValueKind.Number => item.GetRawText(),
        JsonValueKind.Object => PersonName(item, tag),
        _ => throw Fault("A value is a string, a number, a name or null", tag),
    };

    private static string PersonName(JsonElement item, DicomTag tag)
    {
        string Group(string name) => Property(item, name) is { } group ? StringOf(group, tag) : "";
        return $"{Group("Alphabetic")}={Group("Ideographic")}={Group("Phonetic")}".TrimEnd('=');
    }

    private static DicomElement ReadNumbers(DicomTag tag, DicomVr vr, JsonElement value)
    {
        using var bytes = new MemoryStream();
        foreach (var item in value.EnumerateArray())
        {
            var text = item.ValueKind == JsonValueKind.Number ? item.GetRawText() : StringOf(item, tag);
            bytes.Write(DicomNumber.TryEncode(text, vr, out var encoded) ? encoded : throw Fault($"The value is not a number of {vr}", tag));
        }
        return new DicomElement(tag, vr, bytes.ToArray());
    }

    private static byte[] Even(byte[] bytes, byte padding) => bytes.Length % 2 == 0 ? bytes : [.. bytes, padding];

    private static string StringOf(JsonElement json, DicomTag tag) =>
        json.ValueKind == JsonValueKind.String ? Unicode(() => json.GetString()!, tag) : throw Fault("A string is expected", tag);

    private static string NameOf(JsonProperty property) => Unicode(() => property.Name);

    private static JsonElement? Property(JsonElement json, string name) =>
        Unicode(() => json.TryGetProperty(name, out var property) ? property : (JsonElement?)null);

    // A JsonDocument takes any bytes for text, and half a surrogate pair, and complains only when it is asked for them.
    private static T Unicode<T>(Func<T> read, DicomTag? tag = null)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException invalid)
        {
            throw new DicomFormatException(DicomFault.Malformed, "Text is not Unicode", 0, tag, invalid);
        }
    }

    private static DicomFormatException Fault(string message, DicomTag? tag = null) => new(DicomFault.Malformed, message, 0, tag);

    private sealed class Reading(BulkDataResolver? bulk)
    {
        private int _elements;

        public BulkDataResolver? Bulk { get; } = bulk;

        public void Count(DicomTag tag)
        {
            if (++_elements > MaxElements)
            {
                throw new DicomFormatException(DicomFault.LimitExceeded, $"The data set has more than {MaxElements} elements", 0, tag);
            }
        }
    }
}
