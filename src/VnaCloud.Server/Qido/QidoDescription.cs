using Microsoft.OpenApi;
using VnaCloud.Archive;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Qido;

/// <summary>The searches in the OpenAPI document. Matching keys are listed from the index's own table.</summary>
internal static class QidoDescription
{
    private static readonly ParameterText[] Controls =
    [
        new("includefield", "Further attributes of the results: keywords, tags or dotted paths, separated by commas; `all`.") { Example = "StudyDescription" },
        new("limit", "Results at most. Default 100, most 5,000.", JsonSchemaType.Integer) { Example = 2 },
        new("offset", "Results to pass over. `Link` of an answer leads on more safely.", JsonSchemaType.Integer),
        new("fuzzymatching", "`true`: each word of a person's name begins some word of the stored one.", JsonSchemaType.Boolean),
        new("emptyvaluematching", "`true`: two quotation marks match what is absent or empty.", JsonSchemaType.Boolean),
        new("multiplevaluematching", "`true`: a list matches any of its values, for other VRs than UI and CS, too.", JsonSchemaType.Boolean),
        new("accept", "Instead of the header Accept."),
    ];

    /// <param name="level">Of the results.</param>
    /// <param name="example">File of an answer.</param>
    public static OperationText Of(QueryLevel level, string example) => new(
        "QIDO-RS (PS3.18 10.6). Keys of a lower level filter too, and are not returned. `X-Total-Count` says how many match; `Link` with `rel=\"next\"` leads to the next page.")
    {
        Parameters = [.. IndexedAttributes.All.Select(Key).OrderBy(key => key.Name, StringComparer.Ordinal), .. Controls],
        Answers =
        [
            new(200, $"The {level.ToString().ToLowerInvariant()} results; an empty array when nothing matches.", new BodyText(MediaTypeNames.DicomJson, Schemas.DataSets, example)),
            new(204, "Nothing matches, and `Vna:Qido:EmptyResult` is 204."),
        ],
        Problems = [400, 406, 503],
    };

    private static ParameterText Key(IndexedAttribute attribute)
    {
        var name = attribute.Sequence == default ? attribute.Keyword : $"RequestAttributesSequence.{attribute.Keyword}";
        var how = attribute.Vr.ToString() switch
        {
            "DA" => "A date YYYYMMDD, or a range.",
            "TM" => "A time HHMMSS, whole or cut, or a range.",
            "UI" => "A UID, or several with commas between them.",
            "IS" or "US" => "An integer.",
            "PN" => "A name; neither case nor accents count; `*` and `?`.",
            "CS" => "A value, several with commas between them, or one with `*` and `?`.",
            _ => "A value; case counts; `*` and `?`.",
        };
        return new ParameterText(name, $"{attribute.Tag} {attribute.Vr}. {how}") { Example = attribute.Keyword == "PatientID" ? "4711" : null };
    }
}
