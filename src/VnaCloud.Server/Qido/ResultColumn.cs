using System.Globalization;
using System.Text.Json;
using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Qido;

/// <summary>When a column is in a result that did not ask for it.</summary>
internal enum Presence
{
    /// <summary>Never.</summary>
    WhenAsked,

    /// <summary>When it has a value.</summary>
    WhenKnown,

    /// <summary>Always, without a value when it has none.</summary>
    Always,
}

/// <summary>What all results of an answer share.</summary>
/// <param name="Level">Their level.</param>
/// <param name="BaseUrl">Of absolute URLs.</param>
internal sealed record ResultScope(QueryLevel Level, string BaseUrl);

/// <summary>An attribute that a row of the index answers, and how it is written (PS3.18 F.2).</summary>
internal abstract class ResultColumn(DicomTag tag, DicomVr vr, QueryLevel level, Presence presence)
{
    private static readonly JsonEncodedText VrName = JsonEncodedText.Encode("vr");
    private static readonly JsonEncodedText ValueName = JsonEncodedText.Encode("Value");

    private readonly JsonEncodedText _name = JsonEncodedText.Encode(tag.ToHex());
    private readonly JsonEncodedText _vr = JsonEncodedText.Encode(vr.ToString());

    public DicomTag Tag { get; } = tag;

    /// <summary>The level it describes.</summary>
    public QueryLevel Level { get; } = level;

    public Presence Presence { get; } = presence;

    public void Write(Utf8JsonWriter json, SearchRow row, ResultScope scope, bool omitEmpty)
    {
        var empty = IsEmpty(row);
        if (empty && omitEmpty)
        {
            return;
        }
        json.WriteStartObject(_name);
        json.WriteString(VrName, _vr);
        if (!empty)
        {
            json.WriteStartArray(ValueName);
            WriteValues(json, row, scope);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    protected abstract bool IsEmpty(SearchRow row);

    protected abstract void WriteValues(Utf8JsonWriter json, SearchRow row, ResultScope scope);
}

/// <summary>Text of one value, or of several with backslashes between them.</summary>
internal sealed class TextColumn(DicomTag tag, DicomVr vr, QueryLevel level, Presence presence, Func<SearchRow, string> text)
    : ResultColumn(tag, vr, level, presence)
{
    protected override bool IsEmpty(SearchRow row) => text(row).Length == 0;

    protected override void WriteValues(Utf8JsonWriter json, SearchRow row, ResultScope scope)
    {
        var value = text(row);
        foreach (var range in value.AsSpan().Split('\\'))
        {
            var one = value.AsSpan(range);
            if (one.IsEmpty)
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteStringValue(one);
            }
        }
    }
}

/// <summary>An IS kept as text: a JSON number where it is one, else the string that was stored (PS3.18 F.2.3).</summary>
internal sealed class IntegerTextColumn(DicomTag tag, QueryLevel level, Presence presence, Func<SearchRow, string> text)
    : ResultColumn(tag, DicomVr.IS, level, presence)
{
    protected override bool IsEmpty(SearchRow row) => text(row).Length == 0;

    protected override void WriteValues(Utf8JsonWriter json, SearchRow row, ResultScope scope)
    {
        if (long.TryParse(text(row), NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(text(row));
        }
    }
}

/// <summary>A number.</summary>
internal sealed class NumberColumn(DicomTag tag, DicomVr vr, QueryLevel level, Presence presence, Func<SearchRow, int?> number)
    : ResultColumn(tag, vr, level, presence)
{
    protected override bool IsEmpty(SearchRow row) => number(row) is null;

    protected override void WriteValues(Utf8JsonWriter json, SearchRow row, ResultScope scope) => json.WriteNumberValue(number(row)!.Value);
}

/// <summary>Several texts.</summary>
internal sealed class ListColumn(DicomTag tag, DicomVr vr, QueryLevel level, Presence presence, Func<SearchRow, IReadOnlyList<string>> values)
    : ResultColumn(tag, vr, level, presence)
{
    protected override bool IsEmpty(SearchRow row) => values(row).Count == 0;

    protected override void WriteValues(Utf8JsonWriter json, SearchRow row, ResultScope scope)
    {
        foreach (var value in values(row))
        {
            json.WriteStringValue(value);
        }
    }
}

/// <summary>A person's name: its component groups as members (PS3.18 F.2.2).</summary>
internal sealed class NameColumn(DicomTag tag, QueryLevel level, Presence presence, Func<SearchRow, string> name)
    : ResultColumn(tag, DicomVr.PN, level, presence)
{
    private static readonly JsonEncodedText[] Groups = [JsonEncodedText.Encode("Alphabetic"), JsonEncodedText.Encode("Ideographic"), JsonEncodedText.Encode("Phonetic")];

    protected override bool IsEmpty(SearchRow row) => !name(row).AsSpan().ContainsAnyExcept("=\\ ");

    protected override void WriteValues(Utf8JsonWriter json, SearchRow row, ResultScope scope)
    {
        var names = name(row);
        foreach (var one in names.AsSpan().Split('\\'))
        {
            json.WriteStartObject();
            var group = 0;
            foreach (var range in names.AsSpan()[one].Split('='))
            {
                var text = names.AsSpan()[one][range].TrimEnd(' ');
                if (!text.IsEmpty && group < Groups.Length)
                {
                    json.WriteString(Groups[group], text);
                }
                group++;
            }
            json.WriteEndObject();
        }
    }
}

/// <summary>Request Attributes Sequence, as far as it is indexed.</summary>
internal sealed class RequestsColumn() : ResultColumn(DicomTags.RequestAttributesSequence, DicomVr.SQ, QueryLevel.Series, Presence.WhenKnown)
{
    private static readonly JsonEncodedText StepId = JsonEncodedText.Encode(DicomTags.ScheduledProcedureStepID.ToHex());
    private static readonly JsonEncodedText ProcedureId = JsonEncodedText.Encode(DicomTags.RequestedProcedureID.ToHex());

    protected override bool IsEmpty(SearchRow row) => row.Series!.Attributes.Requests.Count == 0;

    protected override void WriteValues(Utf8JsonWriter json, SearchRow row, ResultScope scope)
    {
        foreach (var request in row.Series!.Attributes.Requests)
        {
            json.WriteStartObject();
            WriteText(json, StepId, request.ScheduledProcedureStepId);
            WriteText(json, ProcedureId, request.RequestedProcedureId);
            json.WriteEndObject();
        }
    }

    private static void WriteText(Utf8JsonWriter json, JsonEncodedText name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("vr"u8, "SH"u8);
        if (text.Length > 0)
        {
            json.WriteStartArray("Value"u8);
            json.WriteStringValue(text);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}

/// <summary>Where the result itself can be retrieved.</summary>
internal sealed class RetrieveUrlColumn() : ResultColumn(DicomTags.RetrieveURL, DicomVr.UR, QueryLevel.Study, Presence.Always)
{
    protected override bool IsEmpty(SearchRow row) => false;

    protected override void WriteValues(Utf8JsonWriter json, SearchRow row, ResultScope scope)
    {
        var study = $"{scope.BaseUrl}/dicom-web/studies/{row.Study.StudyUid}";
        json.WriteStringValue(scope.Level switch
        {
            QueryLevel.Study => study,
            QueryLevel.Series => $"{study}/series/{row.Series!.SeriesUid}",
            _ => $"{study}/series/{row.Series!.SeriesUid}/instances/{row.Instance!.Key.SopUid}",
        });
    }
}
