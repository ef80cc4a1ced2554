using VnaCloud.Archive;

namespace VnaCloud.Server.Access;

/// <summary>The index as far as a visitor's reach goes: the one place that decides for every search and every retrieval.</summary>
internal sealed class ReachableIndex(IArchiveIndex index, TimeProvider time)
{
    // A patient whose studies were joined with another's is seen so within this time.
    private static readonly TimeSpan Decided = TimeSpan.FromSeconds(10);

    private readonly RecentAnswers<(Reach Reach, string Study), bool> _covered = new(Decided, 10_000, time);

    /// <summary>As <see cref="IArchiveIndex.LocateAsync"/>; null too for what is not within reach.</summary>
    public async Task<StudyView?> LocateAsync(Visitor visitor, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation) =>
        await CoversAsync(visitor.Reach, studyUid, cancellation) ? await index.LocateAsync(TenantId.Default, studyUid, seriesUid, sopUid, cancellation) : null;

    /// <summary>As <see cref="IArchiveIndex.SearchAsync"/>; only what is within reach.</summary>
    public Task<SearchPage> SearchAsync(Visitor visitor, SearchRequest request, CancellationToken cancellation) =>
        index.SearchAsync(visitor.Reach.Narrow(request), cancellation);

    /// <summary>The study, when there is one within reach.</summary>
    public async Task<StudyResult?> FindStudyAsync(Visitor visitor, string studyUid, CancellationToken cancellation)
    {
        var request = new SearchRequest { Tenant = TenantId.Default, Level = QueryLevel.Study, Criteria = [new(Dicom.DicomTags.StudyInstanceUID, new Match.AnyOf([studyUid]))], Limit = 1 };
        return (await SearchAsync(visitor, request, cancellation)).Rows is [var row, ..] ? row.Study : null;
    }

    private async ValueTask<bool> CoversAsync(Reach reach, string studyUid, CancellationToken cancellation)
    {
        if (reach.PatientId is null)
        {
            return reach.StudyUid is null || reach.StudyUid == studyUid;
        }
        var whoever = Visitor.Anonymous with { Reach = reach };
        return await _covered.GetAsync((reach, studyUid), async () => await FindStudyAsync(whoever, studyUid, cancellation) is not null);
    }
}
