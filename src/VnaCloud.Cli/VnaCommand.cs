using System.CommandLine;
using System.Text.RegularExpressions;
using VnaCloud.Cli.Access;
using VnaCloud.Cli.Copies;
using VnaCloud.Cli.Doctor;
using VnaCloud.Cli.Import;
using VnaCloud.Cli.Maintenance;
using VnaCloud.Cli.Migration;
using VnaCloud.Cli.Sample;
using VnaCloud.Cli.Settings;
using VnaCloud.Cli.Web;
using VnaCloud.Index;

namespace VnaCloud.Cli;

/// <summary>The command line's table of contents, and what all commands have in common: exit codes and errors in one sentence.</summary>
internal static partial class VnaCommand
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Something failed, and was said.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;


    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellation = default)
    {
        (var settings, args) = ServerSettings.Split(args);
        var archive = new ArchiveOption(settings);
        var root = new RootCommand("Tools of a VnaCloud archive: take in, give out, check, rebuild, tidy, back up. Exit codes: 0 done, 1 something failed, 2 wrong usage.")
        {
            ImportCommand.Create(terminal, archive),
            ExportCommand.Create(terminal, archive),
            VerifyCommand.Create(terminal, archive),
            ReindexCommand.Create(terminal, archive),
            MigrateSchemaCommand.Create(terminal, settings),
            BackupCommand.Create(terminal, archive),
            UndeleteCommand.Create(terminal, archive),
            SampleCommand.Create(terminal),
            SendCommand.Create(terminal),
            FetchCommand.Create(terminal),
            MigrateCommand.Create(terminal),
            DoctorCommand.Create(terminal, archive),
            HealthCommand.Create(terminal),
            KeyCommand.Create(terminal),
        };
        foreach (var command in UpkeepCommands.Create(terminal, archive))
        {
            root.Add(command);
        }
        if (args.Length == 0 || args[0].StartsWith('-'))
        {
            // The list of commands shows what each is for, not its whole page.
            foreach (var command in root.Subcommands)
            {
                command.Description = FirstSentence().Match(command.Description ?? "").Value;
            }
        }
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                terminal.Error(error.Message);
            }
            terminal.Error("'vna --help' lists the commands, 'vna COMMAND --help' its options and examples.");
            return Usage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = terminal.Output,
                Error = terminal.Errors,
                // Long enough for the commit under way: Ctrl+C ends the work, not the process.
                ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
            }, cancellation);
        }
        catch (OperationCanceledException)
        {
            terminal.Error("Stopped. Run the same command again to go on.");
            return Failed;
        }
        catch (Exception failure) when (failure is CommandException or IndexOpenException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            terminal.Error(failure.Message);
            return Failed;
        }
    }

    [GeneratedRegex(@"^.*?(?=[.:,;]\s)", RegexOptions.Singleline)]
    private static partial Regex FirstSentence();
}

/// <summary>A command cannot do what it was asked; the message is a sentence that says what to do.</summary>
internal sealed class CommandException(string message) : Exception(message);
