using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Sharing;

/// <summary>Share links in the OpenAPI document.</summary>
internal static class SharingDescription
{
    public static OperationText Create { get; } = new("The answer has the link in `url`, which cannot be read again: the archive keeps a hash. docs/access.md says what a link opens.")
    {
        Request = [new(MediaTypeNames.Json, Example: "share-request.json")],
        Answers = [new(201, "The link.", new BodyText(MediaTypeNames.Json, Example: "share.json"))],
        Problems = [400, 404, 409, 413, 415, 503],
    };

    public static OperationText List { get; } = new("One's own; with the right `admin` everybody's. A thousand at most.")
    {
        Parameters = [new("study", "Only links to this study.") { Example = "2.25.1001" }],
        Answers = [new(200, "The links, without their URLs.", new BodyText(MediaTypeNames.Json, Example: "shares.json"))],
        Problems = [400, 503],
    };

    public static OperationText Revoke { get; } = new("One's own; with the right `admin` anybody's. Other servers know within two seconds.")
    {
        Answers = [new(204, "It opens nothing any more.")],
        Problems = [404, 503],
    };
}
