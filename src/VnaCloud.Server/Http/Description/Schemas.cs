using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace VnaCloud.Server.Http.Description;

/// <summary>Schemas that several slices answer with.</summary>
internal static class Schemas
{
    /// <summary>A data set in the DICOM JSON Model (PS3.18 F.2).</summary>
    public const string DataSet = "DataSet";

    /// <summary>An array of them.</summary>
    public const string DataSets = "DataSets";

    /// <summary><see cref="ProblemBody"/>.</summary>
    public const string Problem = "ProblemDetails";

    private const string Attribute = "Attribute";

    public static void AddTo(OpenApiDocument document)
    {
        document.AddComponent(Attribute, new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "An attribute: its VR, and its values, or its bytes in Base64, or where they are. Without any of these it is empty.",
            Required = new HashSet<string> { "vr" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["vr"] = Text("Value representation.", "^[A-Z]{2}$"),
                ["Value"] = new OpenApiSchema { Type = JsonSchemaType.Array, Description = "Strings, numbers, names ({\"Alphabetic\": ...}), data sets of a sequence, or null." },
                ["InlineBinary"] = Text("Base64."),
                ["BulkDataURI"] = Text("URL of the value."),
            },
        });
        document.AddComponent(DataSet, new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "A data set in the DICOM JSON Model (PS3.18 F.2): attributes by their tags.",
            PatternProperties = new Dictionary<string, IOpenApiSchema> { ["^[0-9A-F]{8}$"] = new OpenApiSchemaReference(Attribute, document) },
            AdditionalPropertiesAllowed = false,
        });
        document.AddComponent(DataSets, new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchemaReference(DataSet, document) });
        document.AddComponent(Problem, new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "Problem details (RFC 9457), without patient data.",
            Required = new HashSet<string> { "title", "status", "traceId" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["title"] = Text("The status in words."),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status." },
                ["detail"] = Text("What is wrong, and what to do."),
                ["traceId"] = Text("Names the request in the server's log."),
                ["next"] = Text("The cursor to go on with; of 410 alone."),
            },
            Examples = [JsonNode.Parse(ExampleFiles.Read("problem.json"))!],
        });
    }

    private static OpenApiSchema Text(string description, string? pattern = null) => new() { Type = JsonSchemaType.String, Description = description, Pattern = pattern };
}
