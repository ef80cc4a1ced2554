using System.CommandLine;
using VnaCloud.Cli.Settings;
using VnaCloud.Index;

namespace VnaCloud.Cli.Import;

internal static class ImportCommand
{
    private const string Description = """
        Takes in folder trees of DICOM files (PS3.10). Through STOW-RS when a server runs on the data folder, directly otherwise; a data
        folder that does not exist is made. Files that are no DICOM are counted and skipped, DICOMDIRs too. Run again, it goes on where it
        stopped: what the archive has already is only compared.

        Examples:
          vna import /mnt/cd
          vna import --data /srv/vna ./a ./b --parallel 4 --report import.tsv
        """;

    public static Command Create(Terminal terminal, ArchiveOption archive)
    {
        var folders = new Argument<string[]>("DIR") { Description = "Folders or files.", Arity = ArgumentArity.OneOrMore };
        var parallel = new Option<int>("--parallel") { Description = "Groups of files under way at once, 1 to 16.", HelpName = "N", DefaultValueFactory = _ => 3 };
        parallel.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is not (>= 1 and <= 16))
            {
                result.AddError("--parallel is a number from 1 to 16.");
            }
        });
        var report = new Option<string?>("--report") { Description = "Write every file that was not simply stored here: path, outcome, reason, separated by tabs.", HelpName = "FILE" };
        var command = new Command("import", Description) { folders, parallel, report };
        archive.AddFolderTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(terminal, archive.FolderOf(parsed),
            parsed.GetRequiredValue(folders), parsed.GetValue(parallel), parsed.GetValue(report), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, DataFolder folder, string[] roots, int parallel, string? reportPath, CancellationToken cancellation)
    {
        if (roots.FirstOrDefault(root => !Path.Exists(root)) is { } missing)
        {
            throw new CommandException($"{missing} does not exist.");
        }
        await using var sink = await OpenAsync(folder, cancellation);
        terminal.Line($"Importing {sink.Way}.");
        await using var report = new ImportReport(terminal, reportPath);
        var importer = new Importer(sink, report, parallel);
        await terminal.WithProgressAsync("Importing", token => Task.Run(() => FileTree.Files(roots).LongCount(), token), async progress =>
        {
            await importer.RunAsync(roots, progress, cancellation);
            return 0;
        }, cancellation);
        report.Summarise();
        return report.Failed == 0 ? VnaCommand.Ok : VnaCommand.Failed;
    }

    private static async Task<IImportSink> OpenAsync(DataFolder folder, CancellationToken cancellation)
    {
        try
        {
            return await DirectSink.OpenAsync(folder, cancellation);
        }
        catch (IndexOpenException refusal) when (DataFolder.IsInUse(refusal))
        {
            return await StowSink.OpenAsync(folder, cancellation);
        }
    }
}
