using System.CommandLine;
using VnaCloud.Dicom;
using VnaCloud.DicomWeb;

namespace VnaCloud.Cli.Web;

internal static class FetchCommand
{
    private const string Description = """
        Fetches a study, or a series or an instance of it, from any DICOMweb service by WADO-RS: DIR/{study}/{series}/{sop}.dcm. A file appears
        whole or not at all; one that is there is never replaced.

        Examples:
          vna fetch http://127.0.0.1:8080/dicom-web --study 1.2.3 ./out
          vna fetch https://pacs.example/dicom-web --study 1.2.3 --series 1.2.4 ./out
        """;

    public static Command Create(Terminal terminal)
    {
        var service = new ServiceOption();
        var command = new Command("fetch", Description);
        service.AddTo(command);
        var folder = new Argument<string>("DIR") { Description = "Folder to write to." };
        var study = new Option<string>("--study") { Description = "The study.", HelpName = "UID", Required = true };
        var series = new Option<string?>("--series") { Description = "Only this series.", HelpName = "UID" };
        var instance = new Option<string?>("--instance") { Description = "Only this instance of the series.", HelpName = "UID" };
        command.Add(folder);
        command.Add(study);
        command.Add(series);
        command.Add(instance);
        command.SetAction((parsed, cancellation) => RunAsync(terminal, service.Of(parsed),
            PathOf(parsed.GetRequiredValue(study), parsed.GetValue(series), parsed.GetValue(instance)), parsed.GetRequiredValue(folder), cancellation));
        return command;
    }

    private static DicomPath PathOf(string study, string? series, string? instance)
    {
        try
        {
            return new DicomPath(study, series, instance);
        }
        catch (ArgumentException)
        {
            throw new CommandException("--study, --series and --instance are UIDs, and an instance is named with its series.");
        }
    }

    private static async Task<int> RunAsync(Terminal terminal, DicomWebOptions options, DicomPath path, string folder, CancellationToken cancellation)
    {
        using var client = new DicomWebClient(options);
        var (written, present) = (0, 0);
        try
        {
            await using var parts = (await client.RetrieveAsync(path, cancellation: cancellation)).Require();
            while (await parts.ReadAsync(cancellation) is { } part)
            {
                if (await WriteAsync(part.Content, folder, cancellation))
                {
                    written++;
                }
                else
                {
                    present++;
                }
            }
        }
        catch (DicomWebException failure)
        {
            terminal.Error($"{failure.Error.Message} {written} instances were fetched before; run the command again for the rest.");
            return VnaCommand.Failed;
        }
        terminal.Line($"fetched        {written}");
        terminal.Line($"there already  {present}");
        return VnaCommand.Ok;
    }

    // False when the file is there already.
    private static async Task<bool> WriteAsync(Stream content, string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.part");
        try
        {
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
            {
                await content.CopyToAsync(file, 128 * 1024, cancellation);
            }
            var target = Path.Combine(folder, await NameAsync(temporary, cancellation));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (File.Exists(target))
            {
                return false;
            }
            File.Move(temporary, target);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // What a service sends may be anything: only UIDs become parts of a path.
    private static async Task<string> NameAsync(string path, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        using var source = new StreamSource(file);
        await using var reader = new DicomReader(source, new DicomReadOptions { KeepBinary = 0, KeepOther = 1024 });
        try
        {
            await reader.ReadFileMetaAsync(cancellation);
            await reader.ReadDataSetAsync(DicomTags.StudyID, cancellation);
        }
        catch (DicomFormatException malformed)
        {
            throw new DicomWebException(new WebError(WebFault.Malformed, $"The service sent what is not DICOM: {malformed.Message}."), malformed);
        }
        string[] uids = [.. new[] { DicomTags.StudyInstanceUID, DicomTags.SeriesInstanceUID, DicomTags.SOPInstanceUID }.Select(tag => reader.DataSet.String(tag).Trim(' ', '\0'))];
        return uids.All(uid => DicomUid.IsTolerated(uid)) ? $"{Path.Combine(uids)}.dcm"
            : throw new DicomWebException(new WebError(WebFault.Malformed, "The service sent an instance without usable UIDs."));
    }
}
