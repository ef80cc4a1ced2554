using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Doctor;

/// <summary>Store and index together: one archive, up to date, nothing damaged, nothing that waits for long.</summary>
internal static class StateCheck
{
    private const string Area = "archive";
    private const int Listed = 1000;

    /// <summary>A cycle of the scrub is thirty days by default.</summary>
    private static readonly TimeSpan LongUnread = TimeSpan.FromDays(60);

    private static readonly TimeSpan LongUncopied = TimeSpan.FromHours(1);

    public static async Task RunAsync(Diagnosis diagnosis, ObjectStorage storage, IRebuildableIndex index, CancellationToken cancellation)
    {
        var state = await index.StateAsync(cancellation);
        diagnosis.Ok("index", $"{state.Studies} studies, {state.Series} series, {state.Instances} instances in {state.Packs} packs");
        if (state.IsRebuilding)
        {
            diagnosis.Error("index", "A rebuild has begun and is not finished: nothing is served.", "Run 'vna reindex' to its end.");
        }
        if (await ArchiveIdentity.ReadAsync(storage.Store, cancellation) is null)
        {
            diagnosis.Error(Area, $"The store has no {ArchiveIdentity.Key}.", "A server that starts for the first time writes it; in an archive with data it was lost: restore it from a backup.");
            return;
        }
        using var journal = new JournalWriter(storage.Store, index, state.TenantKey, TimeProvider.System);
        var position = new ArchivePosition(new UpkeepArchive(storage.Store, index, index, journal, state.TenantKey, TimeProvider.System, new UpkeepOptions()));
        var why = await position.WhyOffAsync(cancellation);
        diagnosis.Judge(why is null, Area, "The index has what the store has", why ?? "", why == ArchivePosition.TakenOver ? "Servers repair it by themselves: wait, and look at their logs." : "docs/runbooks.md and docs/operations.md say what each command does.", Severity.Error);
        Upkeep(diagnosis, await index.UpkeepAsync(Listed, cancellation), storage.Second is not null);
    }

    private static void Upkeep(Diagnosis diagnosis, UpkeepState state, bool isMirrored)
    {
        diagnosis.Judge(state.Quarantined.Count == 0, Area, "Nothing is damaged", $"{state.Quarantined.Count}{(state.Quarantined.Count == Listed ? " or more" : "")} instances have damaged or missing bytes.",
            "Run 'vna verify' for the list. A mirror or a backup has them: 'vna scrub' repairs from the mirror.", Severity.Error);
        diagnosis.Judge(state.OldestScrub is not { } scrub || state.Now - scrub < LongUnread, Area, "Stored bytes are read again regularly", $"Some bytes were last read again {(state.Now - state.OldestScrub)?.Days} days ago.",
            "Is a server running with Vna:Maintenance on? 'vna scrub' does it at once.");
        diagnosis.Judge(state.Retired.Oldest is not { } due || state.Now - due < LongUnread, Area, $"{state.Retired.Count} packs wait to be deleted", $"{state.Retired.Count} packs have waited since {state.Retired.Oldest:yyyy-MM-dd} to be deleted.",
            "Is a server running with Vna:Maintenance on? 'vna collect' does it at once.");
        if (isMirrored)
        {
            var oldest = state.Mirror.Count > 0 ? state.Now - state.Mirror[0].Since : TimeSpan.Zero;
            diagnosis.Judge(oldest < LongUncopied, "mirror", $"{state.Mirror.Count} objects wait to be copied", $"{state.Mirror.Count} objects wait to be copied, the oldest for {oldest.TotalHours:0.0} h.",
                "Is the second store reached (Vna:Storage:Mirror)? Its trouble is in the server's log.");
        }
    }
}
