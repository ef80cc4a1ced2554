using System.CommandLine;
using VnaCloud.Index;

namespace VnaCloud.Cli.Maintenance;

internal static class MigrateSchemaCommand
{
    private const string Description = """
        Makes or upgrades the schema of an index in PostgreSQL. Servers do so themselves when they start, unless Vna:Index:AutoMigrate is
        false. Several at once do no harm: one does it, the others wait.

        Examples:
          vna migrate-schema --index "Host=db;Username=vna;Database=vna"
        """;

    public static Command Create(Terminal terminal)
    {
        var index = DataFolder.IndexOption();
        index.Required = true;
        var command = new Command("migrate-schema", Description) { index };
        command.SetAction(async (parsed, cancellation) =>
        {
            await PostgresArchiveIndex.MigrateAsync(new PostgresIndexOptions { ConnectionString = parsed.GetRequiredValue(index)! }, cancellation);
            terminal.Line("The schema is that of this version.");
            return VnaCommand.Ok;
        });
        return command;
    }
}
