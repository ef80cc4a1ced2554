using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using VnaCloud.Archive;
using VnaCloud.Cli.Settings;
using VnaCloud.Index;

namespace VnaCloud.Cli.Maintenance;

internal static class VerifyCommand
{
    private const string Description = """
        Re-hashes everything and compares: stored bytes with their SHA-256, content with its own, metadata with its CRCs, tar headers
        with the manifest, frame tables with the pixel data, the index's rows with the packs. Deleted instances are checked too, as long
        as their packs are there. Only reads; works beside a running server.

        Packs that no row of the index names are listed and are no error: a request that died before its commit leaves one.

        Examples:
          vna verify
          vna verify --data /srv/vna --sample 1
        """;

    public static Command Create(Terminal terminal, ArchiveOption archive)
    {
        var sample = new Option<double>("--sample")
        {
            Description = "Hash only this part of the instances, drawn at random. Headers, manifests and rows are always checked.",
            HelpName = "PERCENT",
            DefaultValueFactory = _ => 100,
        };
        sample.Validators.Add(result =>
        {
            if (!double.TryParse(result.Tokens.Count > 0 ? result.Tokens[0].Value : "100", NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) || percent is not (> 0 and <= 100))
            {
                result.AddError("--sample is a number above 0 and up to 100.");
            }
        });
        var command = new Command("verify", Description) { sample };
        archive.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(
            terminal, archive.Of(parsed), parsed.GetValue(sample) / 100, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, ArchivePlace place, double share, CancellationToken cancellation)
    {
        using var storage = await place.OpenStorageAsync(readOnly: true, cancellation);
        var store = storage.Store;
        var identity = await place.IdentityAsync(store, cancellation);
        await using var index = await place.OpenIndexAsync(readOnly: true, cancellation);
        await DataFolder.RequirePairAsync(store, index, cancellation);
        var verifier = new Verifier(store, identity.TenantKey, share);
        var report = await terminal.WithProgressAsync("Verifying packs", token => DataFolder.CountPacksAsync(store, identity.TenantKey, token),
            progress => verifier.RunAsync(() => new IndexListing(index.InstancesAsync(cancellation), Packs(index, cancellation)), progress, cancellation), cancellation);
        foreach (var note in report.Notes)
        {
            terminal.Line($"note: {note}");
        }
        foreach (var finding in report.Findings)
        {
            terminal.Error($"{finding.Kind.ToString().ToLowerInvariant()}: {finding.Object}{(finding.Member.Length > 0 ? $": {finding.Member}" : "")}: {finding.Text}");
        }
        terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{report.Packs} packs, {report.Instances} instances ({report.Bytes} bytes) hashed, {report.Rows} rows compared: {report.FindingCount} findings."));
        return report.FindingCount == 0 ? VnaCommand.Ok : VnaCommand.Failed;
    }

    private static async IAsyncEnumerable<(string, long)> Packs(IRebuildableIndex index, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var pack in index.PacksAsync(cancellation))
        {
            yield return (pack.Key, pack.Length);
        }
    }
}
