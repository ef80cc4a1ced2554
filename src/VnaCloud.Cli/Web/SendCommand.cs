using System.CommandLine;
using VnaCloud.Archive;
using VnaCloud.Cli.Import;
using VnaCloud.DicomWeb;

namespace VnaCloud.Cli.Web;

internal static class SendCommand
{
    private const string Description = """
        Sends DICOM files (PS3.10) to any DICOMweb service by STOW-RS. Files that are no DICOM are counted and skipped, DICOMDIRs too. Only
        what the service's answer names as stored counts as stored. Run again, it sends everything again, which an archive has to bear.

        Examples:
          vna send http://127.0.0.1:8080/dicom-web /mnt/cd
          vna send https://pacs.example/dicom-web --token-file token ./a ./b --parallel 8 --report send.tsv
        """;

    public static Command Create(Terminal terminal)
    {
        var service = new ServiceOption();
        var command = new Command("send", Description);
        service.AddTo(command);
        var paths = new Argument<string[]>("PATH") { Description = "Folders or files.", Arity = ArgumentArity.OneOrMore };
        var parallel = new Option<int>("--parallel") { Description = "Requests under way at once, 1 to 64.", HelpName = "N", DefaultValueFactory = _ => 4 };
        parallel.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is not (>= 1 and <= 64))
            {
                result.AddError("--parallel is a number from 1 to 64.");
            }
        });
        var report = new Option<string?>("--report") { Description = "Write every file that was not simply stored here: path, outcome, reason, separated by tabs.", HelpName = "FILE" };
        command.Add(paths);
        command.Add(parallel);
        command.Add(report);
        command.SetAction((parsed, cancellation) => RunAsync(terminal, service.Of(parsed), parsed.GetRequiredValue(paths), parsed.GetValue(parallel), parsed.GetValue(report), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, DicomWebOptions options, string[] roots, int parallel, string? reportPath, CancellationToken cancellation)
    {
        if (roots.FirstOrDefault(root => !Path.Exists(root)) is { } missing)
        {
            throw new CommandException($"{missing} does not exist.");
        }
        await using var sink = new ServiceSink(options with { MaxConnections = parallel });
        await using var report = new ImportReport(terminal, reportPath);
        var importer = new Importer(sink, report, parallel);
        await terminal.WithProgressAsync("Sending", token => Task.Run(() => FileTree.Files(roots).LongCount(), token), async progress =>
        {
            await importer.RunAsync(roots, progress, cancellation);
            return 0;
        }, cancellation);
        report.Summarise();
        return report.Failed == 0 ? VnaCommand.Ok : VnaCommand.Failed;
    }
}

/// <summary>A service of which nothing is known but its URL.</summary>
internal sealed class ServiceSink(DicomWebOptions options) : IImportSink
{
    private readonly DicomWebClient _client = new(options);

    public string Way => $"to {options.ServiceUrl}";

    public Task<InstanceEntry?> FindAsync(InstanceKey key, CancellationToken cancellation) => Task.FromResult<InstanceEntry?>(null);

    public Task<IReadOnlyList<ImportAnswer>> StoreAsync(IReadOnlyList<ImportFile> files, CancellationToken cancellation) =>
        new StowSender(_client, options.ServiceUrl).StoreAsync(files, cancellation);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
