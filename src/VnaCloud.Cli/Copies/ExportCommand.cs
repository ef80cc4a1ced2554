using System.CommandLine;
using System.Runtime.CompilerServices;
using VnaCloud.Archive;
using VnaCloud.Cli.Settings;
using VnaCloud.Index;

namespace VnaCloud.Cli.Copies;

internal static class ExportCommand
{
    private const int Writers = 4;

    private const string Description = """
        Writes instances as DICOM files (PS3.10), the bytes as stored: OUT/{study}/{series}/{sop}.dcm. Checks their SHA-256 on the way.
        A file appears whole or not at all; run again, it goes on where it stopped; a different file that is there is never replaced.
        Only reads the archive; works beside a running server.

        Examples:
          vna export --out /mnt/disk
          vna export --data /srv/vna --out ./two --study 1.2.3 --study 1.2.4
        """;

    public static Command Create(Terminal terminal, ArchiveOption archive)
    {
        var place = new Argument<string?>("DIR") { Description = "The data folder, instead of --data.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string>("--out") { Description = "Folder to write to.", HelpName = "OUT", Required = true };
        var studies = new Option<string[]>("--study") { Description = "Only this study; may be repeated.", HelpName = "UID", AllowMultipleArgumentsPerToken = true };
        var command = new Command("export", Description) { place, output, studies };
        archive.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(terminal, archive.Of(parsed, parsed.GetValue(place)),
            Path.GetFullPath(parsed.GetRequiredValue(output)), parsed.GetValue(studies) ?? [], cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, ArchivePlace place, string output, string[] studies, CancellationToken cancellation)
    {
        using var storage = await place.OpenStorageAsync(readOnly: true, cancellation);
        var store = storage.Store;
        await using var index = await place.OpenIndexAsync(readOnly: true, cancellation);
        await DataFolder.RequirePairAsync(store, index, cancellation);
        var exporter = new Exporter(store, output);
        var counts = new long[4];
        var missing = 0;
        await terminal.WithProgressAsync("Exporting", token => CountAsync(index, studies, token), async progress =>
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellation };
            await Parallel.ForEachAsync(Instances(index, studies, study => missing += Miss(terminal, study), cancellation), options, async (instance, token) =>
            {
                var outcome = await exporter.WriteAsync(instance, token);
                Interlocked.Increment(ref counts[(int)outcome]);
                lock (terminal)
                {
                    progress(counts.Sum());
                    if (outcome is ExportOutcome.Different or ExportOutcome.Damaged)
                    {
                        terminal.Error(outcome == ExportOutcome.Different
                            ? $"{exporter.PathOf(instance.Key)}: a different file is there and was left alone."
                            : $"{exporter.PathOf(instance.Key)}: not written, the stored bytes do not have their SHA-256. 'vna verify' says more.");
                    }
                }
            });
            return 0;
        }, cancellation);
        terminal.Line($"{counts[(int)ExportOutcome.Written]} files written, {counts[(int)ExportOutcome.Present]} were there already, {counts[(int)ExportOutcome.Different] + counts[(int)ExportOutcome.Damaged]} failed.");
        return missing == 0 && counts[(int)ExportOutcome.Different] + counts[(int)ExportOutcome.Damaged] == 0 ? VnaCommand.Ok : VnaCommand.Failed;
    }

    private static int Miss(Terminal terminal, string study)
    {
        lock (terminal)
        {
            terminal.Error($"Study {study} is not in the archive.");
        }
        return 1;
    }

    private static async Task<long> CountAsync(IRebuildableIndex index, string[] studies, CancellationToken cancellation)
    {
        if (studies.Length == 0)
        {
            return (await index.StateAsync(cancellation)).Instances;
        }
        var count = 0L;
        foreach (var study in studies)
        {
            count += (await index.LocateAsync(TenantId.Default, study, null, null, cancellation))?.Instances.Count ?? 0;
        }
        return count;
    }

    private static async IAsyncEnumerable<InstanceEntry> Instances(
        IRebuildableIndex index, string[] studies, Action<string> miss, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (studies.Length == 0)
        {
            await foreach (var instance in index.InstancesAsync(cancellation))
            {
                yield return instance;
            }
        }
        foreach (var study in studies.Distinct(StringComparer.Ordinal))
        {
            if (await index.LocateAsync(TenantId.Default, study, null, null, cancellation) is not { } view)
            {
                miss(study);
                continue;
            }
            foreach (var instance in view.Instances)
            {
                yield return instance;
            }
        }
    }
}
