using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Wado;

/// <summary>What a WADO URL names, found in the index.</summary>
/// <param name="View">Its instances.</param>
/// <param name="Level">How much of the URL was given.</param>
/// <param name="DicomWebUrl">Base of this request's answers, up to and with /dicom-web.</param>
/// <param name="Objects">Where to read them.</param>
/// <param name="Damaged">Those of them whose stored bytes are known to be damaged: they are not served.</param>
internal sealed record WadoTarget(StudyView View, QueryLevel Level, string DicomWebUrl, IObjectStore Objects, IReadOnlySet<InstanceEntry> Damaged)
{
    /// <summary>The answer for what cannot be given whole.</summary>
    public static readonly Problem DamagedProblem = new(StatusCodes.Status503ServiceUnavailable,
        "The stored bytes are known to be damaged or missing and are not given out; the operators of the archive have been told.") { RetryAfter = 3600 };

    /// <summary>RFC 7234 5.5.2: the index could not be asked whether this still is so.</summary>
    private const string Unconfirmed = "111 - \"Revalidation Failed\"";

    /// <summary>The one instance of an instance URL.</summary>
    public InstanceEntry Instance => View.Instances[0];

    /// <summary>The instance's URL.</summary>
    public string UrlOf(InstanceEntry entry) =>
        $"{DicomWebUrl}/studies/{entry.Key.StudyUid}/series/{entry.Key.SeriesUid}/instances/{entry.Key.SopUid}";

    /// <summary>Finds targets. Malformed UIDs are 400, unknown ones 404.</summary>
    internal sealed class Reader(ReachableIndex reachable, IArchiveIndex index, IObjectStore store, Quarantine quarantine, BaseUrl baseUrl)
    {
        private static readonly HashSet<InstanceEntry> None = new(ReferenceEqualityComparer.Instance);

        public async Task<(WadoTarget? Target, Problem? Problem)> ReadAsync(HttpContext context, StoredPart part = StoredPart.Data)
        {
            var values = context.Request.RouteValues;
            var study = (string)values["study"]!;
            var series = (string?)values.GetValueOrDefault("series");
            var instance = (string?)values.GetValueOrDefault("instance");
            if (!DicomUid.IsValid(study) || (series is not null && !DicomUid.IsValid(series)) || (instance is not null && !DicomUid.IsTolerated(instance)))
            {
                return (null, Problem.BadRequest("The URL holds something that is not a UID."));
            }
            var view = await reachable.LocateAsync(Visitor.Of(context), study, series, instance, context.RequestAborted);
            if (view is null)
            {
                return (null, Problem.NotFound("There is no such study, series or instance."));
            }
            if (view.IsUnconfirmed)
            {
                context.Response.Headers.Warning = Unconfirmed;
            }
            var damaged = quarantine.IsEmpty ? None : view.Instances.Where(entry => quarantine.Has(entry, part)).ToHashSet<InstanceEntry>(ReferenceEqualityComparer.Instance);
            if (damaged.Count == view.Instances.Count || (damaged.Count > 0 && part == StoredPart.Metadata))
            {
                return (null, DamagedProblem);
            }
            var level = series is null ? QueryLevel.Study : instance is null ? QueryLevel.Series : QueryLevel.Instance;
            return (new WadoTarget(view, level, $"{baseUrl.Of(context.Request)}/dicom-web", new RelocatingStore(store, index, TenantId.Default, view), damaged), null);
        }
    }
}
