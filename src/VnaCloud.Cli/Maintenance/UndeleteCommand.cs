using System.CommandLine;
using VnaCloud.Archive;
using VnaCloud.Cli.Settings;
using VnaCloud.Index;

namespace VnaCloud.Cli.Maintenance;

internal static class UndeleteCommand
{
    private const string Description = """
        Brings back what was deleted within the grace: a study, a series or an instance. What was stored again since stays as it is.
        The server of a SQLite index must be stopped; with PostgreSQL servers go on.

        Examples:
          vna undelete --study 1.2.840.113619.2.1
          vna undelete --study 1.2.840.113619.2.1 --series 1.2.840.113619.2.1.3 --grace 48
        """;

    public static Command Create(Terminal terminal, ArchiveOption archive)
    {
        var study = new Option<string>("--study") { Description = "Study Instance UID.", HelpName = "UID", Required = true };
        var series = new Option<string?>("--series") { Description = "Series Instance UID: only this series.", HelpName = "UID" };
        var instance = new Option<string?>("--instance") { Description = "SOP Instance UID: only this instance.", HelpName = "UID" };
        var grace = new Option<double>("--grace") { Description = "Hours: what was deleted longer ago stays deleted.", HelpName = "HOURS", DefaultValueFactory = _ => 24 };
        grace.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 876_000))
            {
                result.AddError("--grace is a number of hours above 0.");
            }
        });
        var command = new Command("undelete", Description) { study, series, instance, grace };
        archive.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var request = new DecisionRequest(TenantId.Default, DecisionKind.Restore, parsed.GetRequiredValue(study), parsed.GetValue(series), parsed.GetValue(instance),
                TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(parsed.GetValue(grace)));
            return RunAsync(terminal, archive.Of(parsed), request, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, ArchivePlace place, DecisionRequest request, CancellationToken cancellation)
    {
        using var storage = await place.OpenStorageAsync(readOnly: false, cancellation);
        var store = storage.Store;
        try
        {
            await using var index = await place.OpenIndexAsync(readOnly: false, cancellation);
            await DataFolder.RequirePairAsync(store, index, cancellation);
            var restored = await index.DecideAsync(request, cancellation);
            using var journal = new JournalWriter(store, index, (await index.StateAsync(cancellation)).TenantKey, TimeProvider.System);
            await journal.FlushAsync(request.Tenant, cancellation);
            if (restored == 0)
            {
                terminal.Error("Nothing that matches was deleted within the grace.");
                return VnaCommand.Failed;
            }
            terminal.Line($"{restored} instances are back.");
            return VnaCommand.Ok;
        }
        catch (IndexOpenException refusal) when (DataFolder.IsInUse(refusal))
        {
            throw new CommandException($"A server or another command works on {place.Folder.Root}: stop it first, and start it again afterwards.");
        }
    }
}
