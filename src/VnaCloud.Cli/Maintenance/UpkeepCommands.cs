using System.CommandLine;
using System.Globalization;
using VnaCloud.Archive;
using VnaCloud.Cli.Settings;
using VnaCloud.Index;

namespace VnaCloud.Cli.Maintenance;

/// <summary>The server's maintenance jobs as commands, each through the same operation; and `adopt`, which only a stopped server allows.</summary>
internal static class UpkeepCommands
{
    private delegate Task<UpkeepReport> Run(UpkeepArchive archive, IRebuildableIndex index, ParseResult parsed, Action<long> progress, CancellationToken cancellation);

    public static IEnumerable<Command> Create(Terminal terminal, ArchiveOption archive)
    {
        var all = new Option<bool>("--all") { Description = "Read every pack, also those that were read within the cycle." };
        yield return Of(terminal, archive, "compact", """
            Puts small packs of quiet studies together and rewrites packs with many dead bytes, as a server does by itself.
            The server of a SQLite index must be stopped; with PostgreSQL servers go on.
            """, (parts, _, _, progress, cancellation) => new Compactor(parts).RunAsync(progress, cancellation));
        yield return Of(terminal, archive, "collect", """
            Deletes retired packs after their time, and packs that nothing refers to once all in them is accounted for; takes in what
            the index lacks. As a server does by itself. The server of a SQLite index must be stopped; with PostgreSQL servers go on.
            """, (parts, _, _, progress, cancellation) => new Collector(parts).RunAsync(progress, cancellation));
        yield return Of(terminal, archive, "scrub", """
            Reads packs again and marks what is not what was stored, so that it is not served. As a server does by itself.
            The server of a SQLite index must be stopped; with PostgreSQL servers go on. 'vna verify' reads beside it and marks nothing.
            """, (parts, _, parsed, progress, cancellation) => new Scrubber(parts).RunAsync(parsed.GetValue(all) ? ScrubScope.All : ScrubScope.Due, progress, cancellation), all);
        yield return Of(terminal, archive, "reconcile", """
            Compares the packs of the object store with those of the index, both ways. The server of a SQLite index must be stopped; with PostgreSQL servers go on.
            """, (parts, _, _, progress, cancellation) => new Reconciler(parts).RunAsync(progress, cancellation));
        yield return Of(terminal, archive, "adopt", """
            Brings an index that is older than the object store up to it, after it was restored from a backup: replays the decisions of the
            journal, takes in the packs that it lacks, follows instances that were compacted since. Stopped half way, run it again.
            The server of a SQLite index must be stopped; with PostgreSQL servers go on, and do it by themselves after a failover. Readers of the change feed start anew.
            """, (parts, index, _, progress, cancellation) => new Adopter(parts, index.AdoptDeletedAsync).RunAsync(progress, cancellation));
    }

    private static Command Of(Terminal terminal, ArchiveOption archive, string name, string description, Run run, params Option[] options)
    {
        var command = new Command(name, $"{description}\n\nExamples:\n  vna {name}\n  vna {name} --data /srv/vna");
        archive.AddTo(command);
        foreach (var option in options)
        {
            command.Add(option);
        }
        command.SetAction((parsed, cancellation) => RunAsync(
            terminal, archive.Of(parsed), name, parsed, run, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, ArchivePlace place, string name, ParseResult parsed, Run run, CancellationToken cancellation)
    {
        using var storage = await place.OpenStorageAsync(readOnly: false, cancellation);
        var store = storage.Store;
        var pace = new Pace();
        UpkeepReport report;
        try
        {
            await using var index = await place.OpenIndexAsync(readOnly: false, cancellation);
            await DataFolder.RequirePairAsync(store, index, cancellation);
            var tenantKey = (await index.StateAsync(cancellation)).TenantKey;
            using var journal = new JournalWriter(store, index, tenantKey, TimeProvider.System);
            // Nobody reads beside a command that holds the index: no pause for them.
            var archive = new UpkeepArchive(store, index, index, journal, tenantKey, TimeProvider.System, new UpkeepOptions { BytesPerSecond = 0 });
            report = await terminal.WithProgressAsync($"{char.ToUpperInvariant(name[0])}{name[1..]}", token => DataFolder.CountPacksAsync(store, tenantKey, token),
                progress => run(archive, index, parsed, progress, cancellation), cancellation);
        }
        catch (IndexOpenException refusal) when (DataFolder.IsInUse(refusal))
        {
            throw new CommandException($"A server or another command works on {place.Folder.Root}: stop it first; a server does this by itself.");
        }
        return Report(terminal, report, pace);
    }

    private static int Report(Terminal terminal, UpkeepReport report, Pace pace)
    {
        foreach (var finding in report.Findings)
        {
            terminal.Error($"{finding.Kind.ToString().ToLowerInvariant()}: {finding.Object}{(finding.Member.Length > 0 ? $": {finding.Member}" : "")}: {finding.Text}");
        }
        if (report.Off is { } off)
        {
            terminal.Error(off);
        }
        terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{report.Packs} packs looked at: {report.Written} written, {report.Deleted} deleted, {report.Unreferenced} unreferenced; {report.Adopted} instances adopted, {report.Replayed} decisions replayed; {report.FindingCount} alarms."));
        if (report.Adopted > 0)
        {
            terminal.Line(pace.Say(report.Packs, report.Adopted));
        }
        return report.Off is null && report.FindingCount == 0 ? VnaCommand.Ok : VnaCommand.Failed;
    }
}
