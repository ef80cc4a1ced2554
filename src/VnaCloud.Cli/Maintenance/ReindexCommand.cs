using System.CommandLine;
using VnaCloud.Archive;
using VnaCloud.Cli.Settings;
using VnaCloud.Index;

namespace VnaCloud.Cli.Maintenance;

internal static class ReindexCommand
{
    private const string Description = """
        Rebuilds the whole index from packs and journal, beside the old one, and swaps them at the end. Refuses while a server runs.
        Stopped half way it has changed nothing. The old index is kept as index.db.old.

        An index in PostgreSQL is rebuilt in its place. Servers are not ready meanwhile, nor after it was stopped half way: run it again,
        and it goes on with what is there.

        Two arrivals of one instance with different content that the journal does not decide about are reported; the later one is
        left out of the index and stays in its pack.

        Examples:
          vna reindex
          vna reindex --data /srv/vna --discard
          vna reindex --index "Host=db;Username=vna;Database=vna"
          vna reindex --Vna:Storage:Provider=S3 --Vna:Storage:S3:Endpoint=https://s3.example --Vna:Storage:S3:Bucket=vna --index "Host=db;..."
        """;

    public static Command Create(Terminal terminal, ArchiveOption archive)
    {
        var discard = new Option<bool>("--discard") { Description = "Do not keep the old index." };
        var accept = new Option<bool>("--accept-damaged-journal")
        {
            Description = "Go on though journal lines cannot be read: what they deleted comes back.",
        };
        var command = new Command("reindex", Description) { discard, accept };
        archive.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(
            terminal, archive.Of(parsed), parsed.GetValue(discard), parsed.GetValue(accept), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, ArchivePlace place, bool discard, bool accept, CancellationToken cancellation)
    {
        using var storage = await place.OpenStorageAsync(readOnly: false, cancellation);
        var store = storage.Store;
        var identity = await place.IdentityAsync(store, cancellation);
        if (place.Connection is null)
        {
            await IndexSwap.FlushDecisionsAsync(place, store, terminal, cancellation);
        }
        var pace = new Pace();
        if (await JournalAsync(store, identity, accept, terminal, cancellation) is not { } journal)
        {
            return VnaCommand.Failed;
        }
        var report = place.Connection is null
            ? await BesideAsync(terminal, place, store, identity, journal, keepOld: !discard, cancellation)
            : await InPlaceAsync(terminal, place, store, identity, cancellation);
        return Report(terminal, report, journal, pace);
    }

    private static async Task<ReindexReport> BesideAsync(Terminal terminal, ArchivePlace place, IObjectStore store, ArchiveIdentity identity,
        JournalState journal, bool keepOld, CancellationToken cancellation)
    {
        ReindexReport report;
        using (var swap = IndexSwap.Begin(place))
        {
            await using (var index = await swap.OpenAsync(identity, cancellation))
            {
                report = await FillAsync(terminal, store, index, identity, journal, cancellation);
                await index.ApplyAsync(new UpkeepChange.EpochClean(), cancellation);
            }
            swap.Complete(keepOld);
        }
        // What this rebuild decided itself (duplicates that nobody journalled) goes into the journal only now that the index is the archive's.
        await IndexSwap.FlushDecisionsAsync(place, store, terminal, cancellation);
        return report;
    }

    private static async Task<ReindexReport> InPlaceAsync(
        Terminal terminal, ArchivePlace place, IObjectStore store, ArchiveIdentity identity, CancellationToken cancellation)
    {
        await using var rebuild = await PostgresRebuild.BeginAsync(place.Postgres, identity, cancellation);
        if (rebuild.IsResumed)
        {
            terminal.Line("Going on with a rebuild that was stopped.");
        }
        // Now that nobody decides any more: what is decided and not in the journal yet. It is read again, with that.
        using var writer = new JournalWriter(store, rebuild.Index, identity.TenantKey, TimeProvider.System);
        await writer.FlushAsync(TenantId.Default, cancellation);
        var journal = await JournalReader.ReadAsync(store, identity.TenantKey, cancellation);
        var report = await FillAsync(terminal, store, rebuild.Index, identity, journal, cancellation);
        await rebuild.CompleteAsync(cancellation);
        await writer.FlushAsync(TenantId.Default, cancellation);
        return report;
    }

    private static async Task<ReindexReport> FillAsync(Terminal terminal, IObjectStore store, IRebuildableIndex index, ArchiveIdentity identity,
        JournalState journal, CancellationToken cancellation)
    {
        await index.BeginEpochAsync(journal.LastId, cancellation);
        var reindexer = new Reindexer(store, index, index.AdoptDeletedAsync, identity.TenantKey);
        return await terminal.WithProgressAsync("Reading packs", token => DataFolder.CountPacksAsync(store, identity.TenantKey, token),
            progress => reindexer.RunAsync(journal, progress, cancellation), cancellation);
    }

    private static async Task<JournalState?> JournalAsync(
        IObjectStore store, ArchiveIdentity identity, bool accept, Terminal terminal, CancellationToken cancellation)
    {
        var journal = await JournalReader.ReadAsync(store, identity.TenantKey, cancellation);
        foreach (var (key, reason) in journal.Damaged)
        {
            terminal.Error($"journal {key}: {reason}");
        }
        if (journal.Damaged.Count == 0 || accept)
        {
            return journal;
        }
        terminal.Error("The journal is damaged: restore these objects from a backup, or accept with --accept-damaged-journal that what they deleted comes back.");
        return null;
    }

    private static int Report(Terminal terminal, ReindexReport report, JournalState journal, Pace pace)
    {
        foreach (var (key, reason) in report.Damaged)
        {
            terminal.Error($"pack {key}: {reason}");
        }
        foreach (var (key, kept, leftOut) in report.Undecidable)
        {
            terminal.Error($"undecided: instance {key.SopUid} of series {key.SeriesUid}, study {key.StudyUid}: {kept} is in the index, {leftOut} is LEFT OUT.");
        }
        terminal.Line($"{report.Packs} packs read: {report.Live} instances live, {report.Deleted} deleted, {report.Void + report.Repeated} void.");
        terminal.Line(pace.Say(report.Packs, report.Members));
        if (report.DamagedCount > 0)
        {
            terminal.Error($"{report.DamagedCount} packs could not be read; their instances are not in the index.");
        }
        if (report.UndecidableCount > 0)
        {
            terminal.Error($"{report.UndecidableCount} PAIRS OF INSTANCES HAVE THE SAME UIDS AND DIFFERENT CONTENT, and the journal does not say which one counts: the later ones were left out. "
                + "Their packs are unchanged; delete the instance that is in the index and run 'vna reindex' to see the other.");
        }
        return report.DamagedCount + report.UndecidableCount + journal.Damaged.Count == 0 ? VnaCommand.Ok : VnaCommand.Failed;
    }
}
