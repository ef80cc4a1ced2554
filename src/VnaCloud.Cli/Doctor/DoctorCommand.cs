using System.CommandLine;
using VnaCloud.Archive;
using VnaCloud.Cli.Settings;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Doctor;

internal static class DoctorCommand
{
    private const string Description = """
        Looks at everything that an archive needs, and says what to do: settings, machine, store, database, whether the two belong together,
        what waits for maintenance, clocks, codec workers, and a server or gateway that runs. Changes nothing but small probe objects, which
        it deletes. Run it where the server runs, as its user, with its settings. Exit code 0 when nothing is an error.

        Examples:
          vna doctor
          vna doctor --url http://127.0.0.1:8080
          vna doctor --data /srv/vna --codecs /opt/vnacloud/vna-codec
        """;

    public static Command Create(Terminal terminal, ArchiveOption archive)
    {
        var url = new Option<string[]>("--url") { Description = "A server or gateway that runs: is it ready? May be repeated.", HelpName = "URL" };
        var codecs = new Option<string?>("--codecs") { Description = "The codec worker. Default: vna-codec beside this program, or Vna:Codecs:Program in the environment.", HelpName = "FILE" };
        var command = new Command("doctor", Description) { url, codecs };
        archive.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var diagnosis = new Diagnosis(terminal);
            MachineCheck.Run(diagnosis);
            await CodecCheck.RunAsync(diagnosis, parsed.GetValue(codecs), cancellation);
            if (PlaceOf(diagnosis, archive, parsed) is { } place)
            {
                await ArchiveAsync(diagnosis, place, cancellation);
            }
            foreach (var address in parsed.GetValue(url) ?? [])
            {
                await ServiceCheck.RunAsync(diagnosis, address, cancellation);
            }
            terminal.Line(diagnosis is { Errors: 0, Warnings: 0 } ? "All is well." : $"{diagnosis.Errors} errors, {diagnosis.Warnings} warnings.");
            return diagnosis.Errors == 0 ? VnaCommand.Ok : VnaCommand.Failed;
        });
        return command;
    }

    private static ArchivePlace? PlaceOf(Diagnosis diagnosis, ArchiveOption archive, ParseResult parsed)
    {
        try
        {
            var place = archive.Of(parsed);
            diagnosis.Ok("settings", $"{place.StorageName} with an index in {(place.Connection is null ? $"SQLite ({place.Folder.IndexPath})" : "PostgreSQL")}");
            return place;
        }
        catch (CommandException wrong)
        {
            diagnosis.Error("settings", wrong.Message, "docs/operations.md and README.md list the settings.");
            return null;
        }
    }

    // One that fails does not keep the others from being looked at.
    private static async Task ArchiveAsync(Diagnosis diagnosis, ArchivePlace place, CancellationToken cancellation)
    {
        using var storage = await StoreCheck.RunAsync(diagnosis, place, cancellation);
        if (place.Connection is { } connection)
        {
            await DatabaseCheck.RunAsync(diagnosis, connection, cancellation);
        }
        if (storage is null)
        {
            return;
        }
        try
        {
            await using var index = await place.OpenIndexAsync(readOnly: true, cancellation);
            await StateCheck.RunAsync(diagnosis, storage, index, cancellation);
        }
        catch (Exception failure) when (failure is IndexOpenException or IndexUnavailableException or IOException or InvalidDataException)
        {
            diagnosis.Error("index", failure.Message, place.Connection is null
                ? "Restore the index from a backup ('vna backup' makes one), or rebuild it from the objects: 'vna reindex'."
                : "Start a server with Vna:Index:AutoMigrate, or run 'vna migrate-schema'; for a database that was lost see docs/operations.md.");
        }
    }
}
