using System.Globalization;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>Frames as they are stored: native ones in little endian, encapsulated ones in their media type.</summary>
internal sealed class FramesHandler(WadoTarget.Reader reader, BoundaryMaker boundaries, VnaOptions options)
{
    /// <summary>Parts of one answer, each of which is known in memory before the first is sent.</summary>
    private const int MostParts = 100_000;

    public async Task<IResult> GetAsync(HttpContext context, string list)
    {
        if (ReadList(list, options.Limits.MaxFramesPerRequest) is not { } frames)
        {
            return Problem.BadRequest($"Frames are numbers from 1, separated by commas, at most {options.Limits.MaxFramesPerRequest}.");
        }
        var (target, problem) = await reader.ReadAsync(context);
        return target is null ? problem! : await AnswerAsync(context, target, frames);
    }

    public async Task<IResult> GetAllAsync(HttpContext context)
    {
        var (target, problem) = await reader.ReadAsync(context);
        return target is null ? problem!
            : target.Instance.Frames.Count > MostParts ? new Problem(StatusCodes.Status406NotAcceptable, $"The instance has more than {MostParts} frames: ask for them in lists.")
            : await AnswerAsync(context, target, [.. Enumerable.Range(1, target.Instance.Frames.Count)]);
    }

    private async Task<IResult> AnswerAsync(HttpContext context, WadoTarget target, List<int> frames)
    {
        var instance = target.Instance;
        if (instance.Frames.Layout == FrameLayout.None)
        {
            return Problem.NotFound("The instance has no pixel data.");
        }
        var syntax = TransferSyntax.Get(instance.Attributes.TransferSyntaxUid);
        if (instance.Frames.Layout == FrameLayout.Unknown)
        {
            return syntax.IsVideo
                ? new Problem(StatusCodes.Status406NotAcceptable, $"Frames of a video cannot be given. Supported: its bulk data, as {syntax.MediaType}.")
                : Problem.NotFound("The frames of the instance cannot be told apart; its bulk data can be had.");
        }
        if (frames.Count == 0 || frames.Any(frame => frame > instance.Frames.Count))
        {
            return Problem.NotFound($"The instance has {instance.Frames.Count} frames.");
        }
        if (!Accept.TryRead(context.Request, out var accepted))
        {
            return Problem.BadAccept();
        }
        var offers = FrameOffers.Of(instance.Frames.Layout, syntax, single: frames.Count == 1);
        if (Negotiator.Choose(accepted, offers) is not { } offer)
        {
            return Problem.NotAcceptable(offers);
        }
        var encoding = FrameOffers.EncodingOf(instance.Frames.Layout, syntax);
        var payloads = new FramePayloads(target.Objects);
        var parts = new List<AnswerPart>(frames.Count);
        foreach (var frame in frames)
        {
            var payload = await payloads.FrameAsync(instance, frame - 1, context.RequestAborted);
            parts.Add(new AnswerPart($"{encoding.MediaType}; transfer-syntax={encoding.TransferSyntax}", $"{target.UrlOf(instance)}/frames/{frame}", payload));
        }
        var tag = Representation.Tag(target.View.Instances, $"frames:{string.Join(',', frames)}:{offer.Multipart}:{(offer.Multipart ? target.DicomWebUrl : "")}");
        return offer.Multipart
            ? PayloadAnswer.Multipart(parts, encoding.MediaType, boundaries.Of(tag), tag)
            : PayloadAnswer.Single(parts[0], tag);
    }

    // "1,2,2": in the order asked for, repeated where repeated (PS3.18 Table 10.4.1-2). Null for anything else.
    private static List<int>? ReadList(string list, int limit)
    {
        var frames = new List<int>();
        foreach (var range in list.AsSpan().Split(','))
        {
            if (frames.Count == limit || !int.TryParse(list.AsSpan(range).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var frame) || frame == 0)
            {
                return null;
            }
            frames.Add(frame);
        }
        return frames;
    }
}

/// <summary>The representations of frames that need no decoder.</summary>
internal static class FrameOffers
{
    /// <summary>Media type and transfer syntax of what is sent.</summary>
    public static (string MediaType, string TransferSyntax) EncodingOf(FrameLayout layout, TransferSyntax stored) =>
        layout == FrameLayout.Encapsulated ? (stored.MediaType, stored.Uid) : (MediaTypeNames.OctetStream, TransferSyntax.ExplicitVrLittleEndian.Uid);

    public static IReadOnlyList<MediaOffer> Of(FrameLayout layout, TransferSyntax stored, bool single)
    {
        var (type, syntax) = EncodingOf(layout, stored);
        var offers = new List<MediaOffer> { new(type, Multipart: true, syntax, SyntaxRoles.Stored | SyntaxRoles.Default) };
        if (single)
        {
            offers.Add(new MediaOffer(type, Multipart: false, syntax, SyntaxRoles.Stored | SyntaxRoles.Default));
        }
        if (type != MediaTypeNames.OctetStream)
        {
            // Viewers ask for application/octet-stream; transfer-syntax=* and read the part's own type (checklist dicomweb 14).
            offers.Add(new MediaOffer(MediaTypeNames.OctetStream, Multipart: true, syntax, SyntaxRoles.Stored));
            if (single)
            {
                offers.Add(new MediaOffer(MediaTypeNames.OctetStream, Multipart: false, syntax, SyntaxRoles.Stored));
            }
        }
        return offers;
    }
}
