using System.CommandLine;
using VnaCloud.Cli.Settings;
using VnaCloud.Index;

namespace VnaCloud.Cli.Maintenance;

internal static class MigrateSchemaCommand
{
    private const string Description = """
        Makes or upgrades the schema of an index in PostgreSQL. Servers do so themselves when they start, unless Vna:Index:AutoMigrate is
        false. Several at once do no harm: one does it, the others wait. Which database: --index, or Vna:Index of the server's settings.

        Examples:
          vna migrate-schema --index "Host=db;Username=vna;Database=vna"
        """;

    public static Command Create(Terminal terminal, ServerSettings settings)
    {
        var index = new Option<string?>("--index") { Description = "Connection string of the database (Npgsql's).", HelpName = "CONNECTION" };
        var command = new Command("migrate-schema", Description) { index };
        command.SetAction(async (parsed, cancellation) =>
        {
            await PostgresArchiveIndex.MigrateAsync(new PostgresIndexOptions { ConnectionString = parsed.GetValue(index) ?? Named(settings) }, cancellation);
            terminal.Line("The schema is that of this version.");
            return VnaCommand.Ok;
        });
        return command;
    }

    private static string Named(ServerSettings settings) => settings.Read().Index is { Provider: IndexProvider.Postgres, ConnectionString: { } connection } ? connection
        : throw new CommandException("Name the database in PostgreSQL: --index CONNECTION, or Vna:Index:Provider=Postgres and Vna:Index:ConnectionString.");
}
