using Microsoft.Net.Http.Headers;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>What a request for a picture says, and what it names.</summary>
/// <param name="Target">What the URL names.</param>
/// <param name="Request">How it is to look.</param>
/// <param name="Frames">Numbers from 1; null for the whole resource.</param>
/// <param name="Accepted">Media types.</param>
internal sealed record RenderedCall(WadoTarget Target, RenderedRequest Request, List<int>? Frames, IReadOnlyList<AcceptedMediaType> Accepted)
{
    /// <summary>Reads it, or says what is wrong.</summary>
    /// <param name="context">The request.</param>
    /// <param name="reader">Finds targets.</param>
    /// <param name="frames">Numbers from 1, separated by commas; null for the whole resource.</param>
    /// <param name="mostFrames">How many may be asked for.</param>
    public static async Task<(RenderedCall? Call, Problem? Problem)> ReadAsync(HttpContext context, WadoTarget.Reader reader, string? frames, int mostFrames)
    {
        if (RenderedRequest.Read(context.Request.Query, out var wrong) is not { } request)
        {
            return (null, Problem.BadRequest(wrong));
        }
        if (!Accept.TryRead(context.Request, out var accepted))
        {
            return (null, Problem.BadAccept());
        }
        List<int>? list = null;
        if (frames is not null && (list = FramesHandler.ReadList(frames, mostFrames)) is null)
        {
            return (null, Problem.BadRequest($"Frames are numbers from 1, separated by commas, at most {mostFrames}."));
        }
        var (target, problem) = await reader.ReadAsync(context);
        return target is null ? (null, problem) : (new RenderedCall(target, request, list, accepted), null);
    }

    /// <summary>Says what of the request is not met, in a header (RFC 7234 5.5.7).</summary>
    public static void Warn(HttpContext context, string? remark)
    {
        if (remark is not null)
        {
            context.Response.Headers.Append(HeaderNames.Warning, $"299 vnacloud: {remark}");
        }
    }
}
