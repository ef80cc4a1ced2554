using VnaCloud.Archive;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Access;

/// <summary>One request on its way through the gate, for the audit trail.</summary>
internal sealed record Visit(HttpContext Context, AccessRule? Rule)
{
    public Visitor? Visitor { get; set; }

    /// <summary>Status of the answer.</summary>
    public int Status { get; init; }

    /// <summary>Patient and issuer, where they must be known before the handler runs.</summary>
    public (string Id, string Issuer) Patient { get; private set; } = ("", "");

    /// <summary>Studies that the handler found out to be concerned.</summary>
    public static void Concerns(HttpContext context, IEnumerable<string> studies) => context.Items[typeof(Visit)] = studies.ToList();

    /// <summary>The studies concerned; one of no name when there is none.</summary>
    public IReadOnlyList<string> Studies() =>
        Context.Items[typeof(Visit)] as IReadOnlyList<string> ?? [Context.Request.RouteValues["study"] as string is { } study && Dicom.DicomUid.IsValid(study) ? study : ""];

    // A study that is deleted has no patient any more, neither for this record nor for those before it.
    public async Task LookUpAsync(ArchiveHost archive, AccessTrail trail, CancellationToken cancellation)
    {
        if (Rule?.Needs != Rights.Delete || Studies() is not [{ Length: > 0 } study] || archive.NotReady is not null)
        {
            return;
        }
        await trail.FlushAsync(cancellation);
        var index = Context.RequestServices.GetRequiredService<ReachableIndex>();
        if (await index.FindStudyAsync(Visitor.Anonymous, study, cancellation) is { } found)
        {
            Patient = (found.Attributes.PatientId, found.Attributes.IssuerOfPatientId);
        }
    }
}
