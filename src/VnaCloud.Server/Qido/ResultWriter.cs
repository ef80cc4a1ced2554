using System.Text.Json;
using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Qido;

/// <summary>The DICOM JSON of one stored instance, whole and without bulk values.</summary>
/// <param name="locator">Where it is.</param>
/// <param name="baseUrl">Of absolute URLs in it.</param>
/// <param name="cancellation">Ends the read.</param>
internal delegate ValueTask<ReadOnlyMemory<byte>> StoredMetadataReader(MetadataLocator locator, string baseUrl, CancellationToken cancellation);

/// <summary>Writes results as DICOM JSON objects, attributes in tag order (PS3.18 F.2.2).</summary>
internal sealed class ResultWriter(ResultPlan plan, ResultScope scope, StoredMetadataReader metadata)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = QidoLimits.MetadataDepth };

    public async ValueTask WriteAsync(Utf8JsonWriter json, SearchRow row, CancellationToken cancellation)
    {
        if (!plan.NeedsMetadata)
        {
            json.WriteStartObject();
            foreach (var (column, omitEmpty) in plan.Columns)
            {
                column.Write(json, row, scope, omitEmpty);
            }
            json.WriteEndObject();
            return;
        }
        var locator = scope.Level switch
        {
            QueryLevel.Study => row.Study.First,
            QueryLevel.Series => row.Series!.First,
            _ => row.Instance!.Metadata,
        };
        using var stored = JsonDocument.Parse(await metadata(locator, scope.BaseUrl, cancellation), Options);
        WriteMerged(json, row, stored.RootElement);
    }

    private void WriteMerged(Utf8JsonWriter json, SearchRow row, JsonElement stored)
    {
        json.WriteStartObject();
        var next = 0;
        foreach (var attribute in stored.EnumerateObject())
        {
            if (!DicomTag.TryParseHex(attribute.Name, out var tag) || plan.Wanted(tag) is not { } wanted)
            {
                continue;
            }
            for (; next < plan.Columns.Count && plan.Columns[next].Column.Tag < tag; next++)
            {
                plan.Columns[next].Column.Write(json, row, scope, plan.Columns[next].OmitEmpty);
            }
            WriteStored(json, attribute, wanted);
        }
        for (; next < plan.Columns.Count; next++)
        {
            plan.Columns[next].Column.Write(json, row, scope, plan.Columns[next].OmitEmpty);
        }
        json.WriteEndObject();
    }

    // Recursion is as deep as the URL's path, which is limited.
    private static void WriteStored(Utf8JsonWriter json, JsonProperty attribute, IncludeTree wanted)
    {
        if (wanted.Whole || !attribute.Value.TryGetProperty("Value"u8, out var items) || items.ValueKind != JsonValueKind.Array)
        {
            attribute.WriteTo(json);
            return;
        }
        json.WriteStartObject(attribute.Name);
        json.WriteString("vr"u8, attribute.Value.GetProperty("vr"u8).GetString());
        json.WriteStartArray("Value"u8);
        foreach (var item in items.EnumerateArray())
        {
            WriteItem(json, item, wanted);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteItem(Utf8JsonWriter json, JsonElement item, IncludeTree wanted)
    {
        // A path into something that is no sequence names nothing.
        if (item.ValueKind != JsonValueKind.Object)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        foreach (var attribute in item.EnumerateObject())
        {
            if (DicomTag.TryParseHex(attribute.Name, out var tag) && wanted[tag] is { } child)
            {
                WriteStored(json, attribute, child);
            }
        }
        json.WriteEndObject();
    }
}
