using System.Globalization;
using Microsoft.Net.Http.Headers;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Imaging;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.Server.Wado.Pixels;

namespace VnaCloud.Server.Wado;

/// <summary>Frames as they are stored (native ones in little endian, encapsulated ones in their media type), decoded, or encoded anew.</summary>
internal sealed class FramesHandler(WadoTarget.Reader reader, BoundaryMaker boundaries, VnaOptions options, FrameDecoder decoder, Transcoder transcoder)
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
        var offers = FrameOffers.Of(instance, syntax, single: frames.Count == 1, target => transcoder.WhyNot(instance, target) is null);
        if (Negotiator.Choose(accepted, offers) is not { } offer)
        {
            return transcoder.WhyNot(instance, TransferSyntax.ExplicitVrLittleEndian) is { } why && syntax.IsEncapsulated
                ? new Problem(StatusCodes.Status406NotAcceptable, $"{why} Supported: {string.Join(", ", offers)}.") : Problem.NotAcceptable(offers);
        }
        var stored = FrameOffers.EncodingOf(instance.Frames.Layout, syntax);
        return offer.TransferSyntax == stored.TransferSyntax ? await StoredAsync(target, frames, offer, stored, context.RequestAborted)
            : await TranscodedAsync(context, target, frames, offer);
    }

    private async Task<IResult> StoredAsync(WadoTarget target, List<int> frames, MediaOffer offer, (string MediaType, string TransferSyntax) encoding, CancellationToken cancellation)
    {
        var payloads = new FramePayloads(target.Objects);
        var parts = new List<AnswerPart>(frames.Count);
        foreach (var frame in frames)
        {
            var payload = await payloads.FrameAsync(target.Instance, frame - 1, cancellation);
            parts.Add(new AnswerPart(TypeOf(encoding), UrlOf(target, frame), payload));
        }
        var tag = TagOf(target, frames, offer, "");
        return offer.Multipart
            ? PayloadAnswer.Multipart(parts, encoding.MediaType, boundaries.Of(tag), tag)
            : PayloadAnswer.Single(parts[0], tag);
    }

    private async Task<IResult> TranscodedAsync(HttpContext context, WadoTarget target, List<int> frames, MediaOffer offer)
    {
        var cancellation = context.RequestAborted;
        var syntax = TransferSyntax.Get(offer.TransferSyntax!);
        var encoding = (offer.MediaType, syntax.Uid);
        var tag = TagOf(target, frames, offer, syntax.Uid);
        if (Conditional.IsNotModified(context.Request, tag))
        {
            return PayloadAnswer.Known(tag);
        }
        var image = await StoredImage.FramesAsync(target.Objects, decoder, target.Instance, cancellation);
        if (!offer.Multipart)
        {
            using var only = await transcoder.FrameAsync(image, frames[0] - 1, syntax, cancellation);
            return PayloadAnswer.Single(new AnswerPart(TypeOf(encoding), UrlOf(target, frames[0]), new BytesPayload(only.Bytes.ToArray())), tag);
        }
        // The first is made before the answer begins: what cannot be decoded is said as an error.
        var made = FramesAhead.MakeAsync(frames, frame => transcoder.FrameAsync(image, frame - 1, syntax, cancellation), cancellation).GetAsyncEnumerator(cancellation);
        await made.MoveNextAsync();
        return StreamedAnswer.Multipart([.. frames.Select(frame => new StreamedPart(TypeOf(encoding), UrlOf(target, frame), async (output, token) =>
        {
            using (made.Current)
            {
                await output.WriteAsync(made.Current.Bytes, token);
            }
            await made.MoveNextAsync();
        }))], offer.MediaType, boundaries.Of(tag), tag, source: made);
    }

    private static string TypeOf((string MediaType, string TransferSyntax) encoding) => $"{encoding.MediaType}; transfer-syntax={encoding.TransferSyntax}";

    private static string UrlOf(WadoTarget target, int frame) => $"{target.UrlOf(target.Instance)}/frames/{frame}";

    private static EntityTagHeaderValue TagOf(WadoTarget target, List<int> frames, MediaOffer offer, string syntax) =>
        Representation.Tag(target.View.Instances, $"frames:{string.Join(',', frames)}:{offer.Multipart}:{syntax}:{(offer.Multipart ? target.DicomWebUrl : "")}");

    // "1,2,2": in the order asked for, repeated where repeated (PS3.18 Table 10.4.1-2). Null for anything else.
    public static List<int>? ReadList(string list, int limit)
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

/// <summary>The representations of frames.</summary>
internal static class FrameOffers
{
    /// <summary>Media type and transfer syntax of what is sent.</summary>
    public static (string MediaType, string TransferSyntax) EncodingOf(FrameLayout layout, TransferSyntax stored) =>
        layout == FrameLayout.Encapsulated ? (stored.MediaType, stored.Uid) : (MediaTypeNames.OctetStream, TransferSyntax.ExplicitVrLittleEndian.Uid);

    /// <summary>The stored form first, then decoded and encoded ones that <paramref name="canGive"/> allows.</summary>
    public static IReadOnlyList<MediaOffer> Of(InstanceEntry instance, TransferSyntax stored, bool single, Func<TransferSyntax, bool> canGive)
    {
        var (type, syntax) = EncodingOf(instance.Frames.Layout, stored);
        var offers = new List<MediaOffer>();
        Add(offers, type, syntax, SyntaxRoles.Stored | SyntaxRoles.Default, single);
        if (type != MediaTypeNames.OctetStream)
        {
            // Viewers ask for application/octet-stream; transfer-syntax=* and read the part's own type (checklist dicomweb 14).
            Add(offers, MediaTypeNames.OctetStream, syntax, SyntaxRoles.Stored, single);
        }
        var defaults = new HashSet<string>(StringComparer.Ordinal) { type };
        foreach (var target in Transcoder.Targets.Where(target => target.Uid != syntax && !target.IsDeflated && canGive(target)))
        {
            // The first of a media type is the one that goes without a name: .80 of image/jls, .90 of image/jp2, .201 of image/jphc (PS3.18 Table 8.7.3-5).
            Add(offers, target.MediaType, target.Uid, defaults.Add(target.MediaType) ? SyntaxRoles.Default : SyntaxRoles.None, single);
        }
        return offers;
    }

    private static void Add(List<MediaOffer> offers, string type, string syntax, SyntaxRoles roles, bool single)
    {
        offers.Add(new MediaOffer(type, Multipart: true, syntax, roles));
        if (single)
        {
            offers.Add(new MediaOffer(type, Multipart: false, syntax, roles));
        }
    }
}
