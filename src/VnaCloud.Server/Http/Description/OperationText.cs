using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace VnaCloud.Server.Http.Description;

/// <summary>What the OpenAPI document says of an operation beyond its route, its summary and its <see cref="Access.AccessRule"/>.</summary>
/// <param name="Text">What it does, in Markdown.</param>
internal sealed record OperationText(string Text)
{
    /// <summary>Query parameters and headers. Accept is no parameter (OpenAPI 4.8.12): the media types of the answers stand for it.</summary>
    public IReadOnlyList<ParameterText> Parameters { get; init; } = [];

    /// <summary>Bodies that are taken.</summary>
    public IReadOnlyList<BodyText> Request { get; init; } = [];

    /// <summary>Answers that are no problem details.</summary>
    public IReadOnlyList<AnswerText> Answers { get; init; } = [];

    /// <summary>Statuses whose answers are problem details; 401 and 403 come by themselves.</summary>
    public IReadOnlyList<int> Problems { get; init; } = [];
}

/// <summary>A parameter.</summary>
/// <param name="Name">As it is sent.</param>
/// <param name="Text">What it does, with default and limits.</param>
/// <param name="Type">Of its value.</param>
internal sealed record ParameterText(string Name, string Text, JsonSchemaType Type = JsonSchemaType.String)
{
    /// <summary>Default in the query.</summary>
    public ParameterLocation In { get; init; } = ParameterLocation.Query;

    public bool IsRequired { get; init; }

    /// <summary>A value with which the operation answers as its examples show.</summary>
    public JsonNode? Example { get; init; }
}

/// <summary>An answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Text">When it is given.</param>
/// <param name="Bodies">Media types that can be had; none for an empty body.</param>
internal sealed record AnswerText(int Status, string Text, params BodyText[] Bodies);

/// <summary>A body in one media type.</summary>
/// <param name="MediaType">With its parameters.</param>
/// <param name="Schema">A component; without, octets, or what the handler's Produces says.</param>
/// <param name="Example">An embedded file of the slice's folder Examples.</param>
internal sealed record BodyText(string MediaType, string? Schema = null, string? Example = null);

internal static class OperationTexts
{
    /// <summary>Describes an operation.</summary>
    public static TBuilder Describes<TBuilder>(this TBuilder builder, OperationText text)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(text);
}
