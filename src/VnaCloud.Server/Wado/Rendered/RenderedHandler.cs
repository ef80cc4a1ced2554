using VnaCloud.Archive;
using VnaCloud.Imaging;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.Server.Wado.Pixels;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>
/// Pictures of a study, series, instance or frames (PS3.18 10.4.1.1.3). Alone, the picture of what stands for the resource: of a study or
/// series an image in its middle, of an instance its first frame; in multipart all of them.
/// </summary>
internal sealed class RenderedHandler(WadoTarget.Reader reader, BoundaryMaker boundaries, VnaOptions options, Painter painter)
{
    public Task<IResult> GetAsync(HttpContext context) => GetAsync(context, null);

    /// <param name="context">The request.</param>
    /// <param name="frames">Numbers from 1, separated by commas; null for the whole resource.</param>
    public async Task<IResult> GetAsync(HttpContext context, string? frames)
    {
        var (call, problem) = await RenderedCall.ReadAsync(context, reader, frames, options.Limits.MaxFramesPerRequest);
        return call is null ? problem! : await AnswerAsync(context, call);
    }

    /// <summary>As above, of what was read already.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context, RenderedCall call)
    {
        var (target, request, list, accepted) = call;
        RenderedCall.Warn(context, request.Remark);
        if (target.Level == QueryLevel.Instance && list is null && await DocumentAnswers.AnswerAsync(context, target, accepted) is { } document)
        {
            return document;
        }
        var shots = Shots.Of(target, list);
        if (shots.Problem is { } none)
        {
            return none;
        }
        var offers = Offers(shots);
        return Negotiator.Choose(accepted, offers) is not { } offer ? NotAcceptable(offers)
            : offer.Multipart ? await AllAsync(context, target, shots, request, offer)
            : await OneAsync(context, target, shots, request, offer);
    }

    private Problem NotAcceptable(IReadOnlyList<MediaOffer> offers) => painter.WhyNoJpeg is { } why
        ? new Problem(StatusCodes.Status406NotAcceptable, $"{why} Supported: {string.Join(", ", offers)}.") : Problem.NotAcceptable(offers);

    private List<MediaOffer> Offers(Shots shots)
    {
        List<string> types = painter.WhyNoJpeg is null ? [MediaTypeNames.Jpeg, MediaTypeNames.Png] : [MediaTypeNames.Png];
        var offers = types.ConvertAll(static type => new MediaOffer(type, Multipart: false));
        if (shots.IsAnimation)
        {
            offers.Add(new MediaOffer(MediaTypeNames.Gif, Multipart: false));
        }
        offers.AddRange(types.Select(static type => new MediaOffer(type, Multipart: true)));
        return offers;
    }

    private async Task<IResult> OneAsync(HttpContext context, WadoTarget target, Shots shots, RenderedRequest request, MediaOffer offer)
    {
        var isAll = offer.MediaType == MediaTypeNames.Gif;
        var (entry, frame) = shots.Middle;
        var tag = Representation.Tag([entry], $"rendered:{offer.MediaType}:{(isAll ? string.Join(',', shots.All.Select(shot => shot.Frame)) : frame)}:{request.Form}");
        if (Conditional.IsNotModified(context.Request, tag))
        {
            return PayloadAnswer.Known(tag);
        }
        if (isAll)
        {
            var animation = await painter.AnimationAsync(target, shots.All, request, context.RequestAborted);
            return StreamedAnswer.Single(new StreamedPart(offer.MediaType, null, animation), tag);
        }
        var picture = PictureFile(context);
        RenderedCall.Warn(context, await painter.PaintAsync(target, entry, frame, request, offer.MediaType, picture, context.RequestAborted));
        return PayloadAnswer.Single(new AnswerPart(offer.MediaType, null, new BytesPayload(picture.WrittenMemory)), tag);
    }

    private async Task<IResult> AllAsync(HttpContext context, WadoTarget target, Shots shots, RenderedRequest request, MediaOffer offer)
    {
        var tag = Representation.Tag(target.View.Instances, $"rendered:{offer}:{shots.Form}:{request.Form}:{target.DicomWebUrl}");
        if (Conditional.IsNotModified(context.Request, tag))
        {
            return PayloadAnswer.Known(tag);
        }
        // Where the first cannot be shown the reason is the answer; a later one ends the connection.
        var first = PictureFile(context);
        RenderedCall.Warn(context, await painter.PaintAsync(target, shots.All[0].Entry, shots.All[0].Frame, request, offer.MediaType, first, context.RequestAborted));
        var parts = shots.All.Select((shot, i) => new StreamedPart(offer.MediaType, $"{target.UrlOf(shot.Entry)}/frames/{shot.Frame + 1}/rendered", async (output, token) =>
        {
            if (i == 0)
            {
                await output.WriteAsync(first.WrittenMemory, token);
                return;
            }
            await painter.PaintAsync(target, shot.Entry, shot.Frame, request, offer.MediaType, output, token);
            await output.FlushAsync(token);
        }));
        return StreamedAnswer.Multipart([.. parts], offer.MediaType, boundaries.Of(tag), tag);
    }

    // Its memory goes back when the answer is over.
    private static RentedWriter PictureFile(HttpContext context)
    {
        var file = new RentedWriter();
        context.Response.RegisterForDispose(file);
        return file;
    }
}
