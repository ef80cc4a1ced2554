using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using VnaCloud.Dicom;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>Data sets written as JSON by keyword, <c>{ "Rows": 16, "ReferencedSeriesSequence": [{ ... }] }</c>: an object or a list of objects is a sequence.</summary>
internal static class NaturalObject
{
    public static DicomDataSet Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Read(document.RootElement, null);
    }

    /// <summary>The PS3.10 file of a data set.</summary>
    public static byte[] File(DicomDataSet dataSet) => DicomWriter.ToArray(
        new DicomDataSet()
            .Set(DicomTags.MediaStorageSOPClassUID, DicomVr.UI, dataSet.String(DicomTags.SOPClassUID))
            .Set(DicomTags.MediaStorageSOPInstanceUID, DicomVr.UI, dataSet.String(DicomTags.SOPInstanceUID))
            .Set(DicomTags.ImplementationClassUID, DicomVr.UI, "2.25.306146541338230516155424302325712219157"),
        dataSet,
        TransferSyntax.ExplicitVrLittleEndian);

    private static DicomDataSet Read(JsonElement json, DicomDataSet? parent)
    {
        var data = new DicomDataSet { Parent = parent };
        foreach (var member in json.EnumerateObject())
        {
            var entry = DicomDictionary.FindByKeyword(member.Name) ?? throw new ArgumentException($"{member.Name} is no keyword.");
            var values = member.Value.ValueKind == JsonValueKind.Array ? member.Value.EnumerateArray().ToList() : [member.Value];
            data.Set(entry.Vr == DicomVr.SQ
                ? new DicomElement(entry.Tag, [.. values.Select(item => Read(item, data))])
                : Element(data, entry, values));
        }
        return data;
    }

    private static DicomElement Element(DicomDataSet data, DicomDictionaryEntry entry, List<JsonElement> values) => entry.Vr switch
    {
        DicomVr.US => new(entry.Tag, entry.Vr, Bytes(values, 2, (target, value) => BinaryPrimitives.WriteUInt16LittleEndian(target, value.GetUInt16()))),
        DicomVr.UL => new(entry.Tag, entry.Vr, Bytes(values, 4, (target, value) => BinaryPrimitives.WriteUInt32LittleEndian(target, value.GetUInt32()))),
        DicomVr.SL => new(entry.Tag, entry.Vr, Bytes(values, 4, (target, value) => BinaryPrimitives.WriteInt32LittleEndian(target, value.GetInt32()))),
        DicomVr.FL => new(entry.Tag, entry.Vr, Bytes(values, 4, (target, value) => BinaryPrimitives.WriteSingleLittleEndian(target, value.GetSingle()))),
        DicomVr.FD => new(entry.Tag, entry.Vr, Bytes(values, 8, (target, value) => BinaryPrimitives.WriteDoubleLittleEndian(target, value.GetDouble()))),
        DicomVr.AT => new(entry.Tag, entry.Vr, Bytes(values, 4, WriteTag)),
        _ => data.Set(entry.Tag, entry.Vr, [.. values.Select(value => value.ToString())])[entry.Tag]!,
    };

    private static byte[] Bytes(List<JsonElement> values, int size, Action<Span<byte>, JsonElement> write)
    {
        var bytes = new byte[size * values.Count];
        for (var i = 0; i < values.Count; i++)
        {
            write(bytes.AsSpan(i * size, size), values[i]);
        }
        return bytes;
    }

    // An attribute tag is two numbers of 16 bits.
    private static void WriteTag(Span<byte> target, JsonElement value)
    {
        var tag = uint.Parse(value.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], (ushort)tag);
    }
}
