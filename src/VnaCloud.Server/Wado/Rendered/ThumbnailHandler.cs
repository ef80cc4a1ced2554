using Microsoft.Extensions.Caching.Memory;
using VnaCloud.Archive;
using VnaCloud.Imaging;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>
/// Small pictures of a study, series, instance or frame (PS3.18 10.4.1.1.4): of a study or series an image in its middle, of a multi-frame
/// instance the frame in its middle. Made once, kept beside the packs and in memory.
/// </summary>
internal sealed class ThumbnailHandler(WadoTarget.Reader reader, Painter painter, IObjectStore store, ArchiveHost archive, TimeProvider time) : IDisposable
{
    /// <summary>Pixels of the longer side where no viewport is asked for.</summary>
    private const int Size = 128;

    private const int Quality = 80;
    private const long MemoryBytes = 32L * 1024 * 1024;

    private readonly MemoryCache _memory = new(new MemoryCacheOptions { SizeLimit = MemoryBytes });

    public async Task<IResult> GetAsync(HttpContext context, string? frame)
    {
        var (call, problem) = await RenderedCall.ReadAsync(context, reader, frame, mostFrames: 1);
        if (call is null)
        {
            return problem!;
        }
        var (target, request, list, accepted) = call;
        var shots = Shots.Of(target, list);
        if (shots.Problem is not null)
        {
            return Problem.NotFound("There is no image of which to make a thumbnail.");
        }
        MediaOffer[] offers = painter.WhyNoJpeg is null ? [new(MediaTypeNames.Jpeg, Multipart: false), new(MediaTypeNames.Png, Multipart: false)] : [new(MediaTypeNames.Png, Multipart: false)];
        return Negotiator.Choose(accepted, offers) is { } offer
            ? await AnswerAsync(context, target, shots.All[shots.All.Count / 2], request, offer.MediaType) : Problem.NotAcceptable(offers);
    }

    public void Dispose() => _memory.Dispose();

    private async Task<IResult> AnswerAsync(HttpContext context, WadoTarget target, (InstanceEntry Entry, int Frame) shot, RenderedRequest request, string type)
    {
        if (request.Options.Annotations != Annotations.None)
        {
            // Lists of studies are shown to many: a name is in them only where the list has it.
            RenderedCall.Warn(context, "Thumbnails are not annotated.");
            request = request with { Options = request.Options with { Annotations = Annotations.None } };
        }
        // One name holds one picture: what is kept was asked for with nothing.
        var isDefault = request.Options == RenderOptions.Default && type == MediaTypeNames.Jpeg;
        var tag = Representation.Tag([shot.Entry], $"thumbnail:{type}:{shot.Frame}:{request.Form}");
        if (Conditional.IsNotModified(context.Request, tag))
        {
            return PayloadAnswer.Known(tag);
        }
        var small = request with { Quality = Quality, Options = request.Options with { Viewport = request.Options.Viewport ?? SmallOf(shot.Entry), Overlays = OverlayChoice.Hidden } };
        var bytes = isDefault ? await KeptAsync(target, shot, small, context.RequestAborted)
            : await MakeAsync(target, shot, small, type, context.RequestAborted);
        return PayloadAnswer.Single(new AnswerPart(type, null, new BytesPayload(bytes)), tag);
    }

    private async Task<byte[]> KeptAsync(WadoTarget target, (InstanceEntry Entry, int Frame) shot, RenderedRequest request, CancellationToken cancellation)
    {
        var name = $"{shot.Entry.FileDigest}-{shot.Frame}-{Size}.jpg";
        if (_memory.TryGetValue(name, out byte[]? known))
        {
            return known!;
        }
        var derived = new DerivedObjects(store, archive.Upkeep.TenantKey, time);
        var bytes = await derived.ReadAsync(name, cancellation);
        if (bytes is null)
        {
            bytes = await MakeAsync(target, shot, request, MediaTypeNames.Jpeg, cancellation);
            await derived.KeepAsync(name, bytes, cancellation);
        }
        _memory.Set(name, bytes, new MemoryCacheEntryOptions { Size = bytes.Length + name.Length });
        return bytes;
    }

    private async Task<byte[]> MakeAsync(WadoTarget target, (InstanceEntry Entry, int Frame) shot, RenderedRequest request, string type, CancellationToken cancellation)
    {
        using var file = new RentedWriter();
        await painter.PaintAsync(target, shot.Entry, shot.Frame, request, type, file, cancellation);
        return file.WrittenMemory.ToArray();
    }

    // Small images are not made larger.
    private static Viewport SmallOf(InstanceEntry entry) => new()
    {
        Width = Math.Min(Size, entry.Attributes.Columns ?? Size),
        Height = Math.Min(Size, entry.Attributes.Rows ?? Size),
    };
}
