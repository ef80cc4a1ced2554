namespace VnaCloud.Archive;

/// <summary>Opens ingest sessions of one tenant.</summary>
public sealed class Ingest(IObjectStore store, CommitLanes lanes, string tenantKey, IngestOptions options, TimeProvider time)
{
    internal IObjectStore Store => store;

    internal CommitLanes Lanes => lanes;

    internal string TenantKey => tenantKey;

    internal TimeProvider Time => time;

    /// <summary>How instances are taken in.</summary>
    public IngestOptions Options => options;

    /// <summary>Begins a request.</summary>
    /// <param name="source">Who sends.</param>
    /// <param name="expectedStudy">The study of the request's path, or null; other studies' instances then fail.</param>
    public IngestSession Open(IngestSource source, string? expectedStudy = null) => new(this, source, expectedStudy);
}
