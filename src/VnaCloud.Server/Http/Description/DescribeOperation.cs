using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Http.Description;

/// <summary>Writes an operation's <see cref="OperationText"/> into the document.</summary>
internal sealed class DescribeOperation : IOpenApiOperationTransformer
{
    private static readonly Dictionary<int, string> ProblemTexts = new()
    {
        [400] = "The request is wrong; `detail` says where.",
        [401] = "Who it is cannot be told: no token, key or session, or one that does not hold.",
        [403] = "The visitor lacks the right, or it is for those to whom the whole archive is open.",
        [404] = "It does not exist, or not for this visitor.",
        [406] = "None of the accepted media types can be given; `detail` names those that can.",
        [409] = "Not as the server is set up.",
        [410] = "The feed began anew; `next` is where.",
        [413] = "The body is longer than is taken.",
        [415] = "The body has a media type or an encoding that is not taken.",
        [416] = "The range cannot be given.",
        [503] = "Not now: the archive is not ready, or has too much to do. Retry-After says when to ask again, where it is known.",
        [507] = "The disk is full.",
    };

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var document = context.Document!;
        var rule = metadata.OfType<AccessRule>().LastOrDefault();
        if (metadata.OfType<OperationText>().LastOrDefault() is { } text)
        {
            var isHead = context.Description.HttpMethod == HttpMethods.Head;
            operation.Description = isHead ? "As GET, without a body." : text.Text;
            operation.Parameters = [.. Names(context.Description.RelativePath!).Select(name => Parameter(PathTexts.Of(name) with { In = ParameterLocation.Path, IsRequired = true })), .. text.Parameters.Select(Parameter)];
            operation.RequestBody = text.Request.Count == 0 ? null : new OpenApiRequestBody { Required = true, Content = Content(text.Request, operation.RequestBody?.Content, document) };
            operation.Responses = Responses(text, operation.Responses, rule, isHead, document);
        }
        operation.Security = Security(rule, document);
        return Task.CompletedTask;
    }

    private static IEnumerable<string> Names(string path) => path.Split('/').Where(static part => part.StartsWith('{')).Select(static part => part.Trim('{', '}', '*'));

    private static OpenApiParameter Parameter(ParameterText text) => new()
    {
        Name = text.Name,
        In = text.In,
        Required = text.IsRequired,
        Description = text.Text,
        Schema = new OpenApiSchema { Type = text.Type },
        Example = text.Example?.DeepClone(),
    };

    private static OpenApiResponses Responses(OperationText text, OpenApiResponses? produced, AccessRule? rule, bool isHead, OpenApiDocument document)
    {
        var responses = new OpenApiResponses();
        foreach (var answer in text.Answers)
        {
            var known = produced is not null && produced.TryGetValue(Key(answer.Status), out var response) ? response.Content : null;
            responses[Key(answer.Status)] = new OpenApiResponse { Description = answer.Text, Content = isHead || answer.Bodies.Length == 0 ? null : Content(answer.Bodies, known, document) };
        }
        foreach (var status in text.Problems.Concat(rule is { IsOpen: false } ? [401, 403] : []).Order())
        {
            var body = new OpenApiMediaType { Schema = new OpenApiSchemaReference(Schemas.Problem, document) };
            responses[Key(status)] = new OpenApiResponse
            {
                Description = ProblemTexts[status],
                Content = isHead ? null : new Dictionary<string, OpenApiMediaType> { [MediaTypeNames.ProblemJson] = body },
            };
        }
        return responses;
    }

    private static Dictionary<string, OpenApiMediaType> Content(IEnumerable<BodyText> bodies, IDictionary<string, OpenApiMediaType>? known, OpenApiDocument document) =>
        bodies.ToDictionary(static body => body.MediaType, body => new OpenApiMediaType
        {
            Schema = body.Schema is { } schema ? new OpenApiSchemaReference(schema, document)
                : known is not null && known.TryGetValue(body.MediaType, out var typed) ? typed.Schema
                : new OpenApiSchema(),
            Example = body.Example is not { } example ? null
                : example.EndsWith(".json", StringComparison.Ordinal) ? JsonNode.Parse(ExampleFiles.Read(example)) : JsonValue.Create(ExampleFiles.Read(example).ReplaceLineEndings("\r\n")),
        });

    // Without a right that is needed anybody may; one that is can be shown in each of these ways.
    private static List<OpenApiSecurityRequirement> Security(AccessRule? rule, OpenApiDocument document)
    {
        if (rule is null or { IsOpen: true })
        {
            return [];
        }
        string[] schemes = rule.KeepsReach ? [SecuritySchemes.Bearer, SecuritySchemes.Session, SecuritySchemes.Share] : [SecuritySchemes.Bearer, SecuritySchemes.Session];
        return [.. schemes.Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, document)] = scheme == SecuritySchemes.Bearer ? [.. rule.Needs.Names()] : [] })];
    }

    private static string Key(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
