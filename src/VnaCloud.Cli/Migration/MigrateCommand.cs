using System.CommandLine;
using System.Net;
using System.Text.RegularExpressions;
using VnaCloud.Cli.Web;
using VnaCloud.Dicom;
using VnaCloud.DicomWeb;

namespace VnaCloud.Cli.Migration;

internal static partial class MigrateCommand
{
    private const string Description = """
        Takes everything out of another archive and stores it through the DICOMweb service of this one: FROM is a DICOMweb service (QIDO-RS,
        WADO-RS), or dicom://AETITLE@host:port (C-FIND, C-MOVE). Each series is stored, fetched back and compared byte for byte (data set
        and transfer syntax) before it counts. Run again, it goes on where it stopped, tries again what failed, and takes what is new: run it
        once while the old archive is in use, and once more after it is closed. The source is only read.

        Over DIMSE this command is an application entity of its own, which FROM has to know: --ae, at this machine's address and --listen.

        Examples:
          vna migrate https://old.example/dicom-web http://127.0.0.1:8080/dicom-web --from-password-file old.txt
          vna migrate dicom://OLDPACS@10.0.0.5:104 https://vna.example/dicom-web --token-file token --listen 10.0.0.9:11113
          vna migrate dicom://OLDPACS@10.0.0.5:104 http://127.0.0.1:8080/dicom-web --date 20240101-20241231 --modality CT
        """;

    public static Command Create(Terminal terminal)
    {
        var from = new Argument<string>("FROM") { Description = "The archive to take from: https://old.example/dicom-web, or dicom://AETITLE@host:port." };
        var to = new Argument<string>("TO") { Description = "The DICOMweb service to store to." };
        var fromToken = File("--from-token-file", "A file with a bearer token for FROM.");
        var fromPassword = File("--from-password-file", "A file with user:password for FROM.");
        var token = File("--token-file", "A file with a bearer token for TO.");
        var state = new Option<string>("--state") { Description = "Folder that remembers what is done, and for files on their way.", HelpName = "DIR", DefaultValueFactory = _ => "./migration" };
        var parallel = new Option<int>("--parallel") { Description = "Series under way at once, 1 to 32.", HelpName = "N", DefaultValueFactory = _ => 4 };
        var studies = new Option<string[]>("--study") { Description = "Only this study; may be repeated.", HelpName = "UID" };
        var dates = new Option<string?>("--date") { Description = "Only studies of these days, such as 20240101-20241231, 20240101- or 20240101.", HelpName = "RANGE" };
        var modality = new Option<string?>("--modality") { Description = "Only studies with this modality.", HelpName = "CS" };
        var ae = new Option<string>("--ae") { Description = "AE title of this command, for dicom://.", HelpName = "TITLE", DefaultValueFactory = _ => "VNAMIGRATE" };
        var listen = new Option<string>("--listen") { Description = "Where it listens for what C-MOVE sends, for dicom://.", HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => "127.0.0.1:11113" };
        var most = new Option<int?>("--find-limit") { Description = "Most results that FROM gives to one C-FIND without saying that there are more, for dicom://.", HelpName = "N" };
        Between(parallel, 1, 32);
        Between(most, 2, int.MaxValue);
        var command = new Command("migrate", Description) { from, to, fromToken, fromPassword, token, state, parallel, studies, dates, modality, ae, listen, most };
        command.SetAction(async (parsed, cancellation) =>
        {
            var filter = FilterOf(parsed.GetValue(studies) ?? [], parsed.GetValue(dates), parsed.GetValue(modality));
            var target = ServiceOption.At(parsed.GetRequiredValue(to), "TO");
            target = target with { MaxConnections = parsed.GetValue(parallel) };
            target = parsed.GetValue(token) is { } file ? target with { Authorization = ServiceOption.Bearer(file) } : target;
            var name = parsed.GetRequiredValue(from);
            using var log = MigrationLog.Open(parsed.GetRequiredValue(state), name, target.ServiceUrl.ToString());
            await using IMigrationSource source = DicomUrl().Match(name) is { Success: true } url
                ? new DimseSource(PeerOf(url) with { MostFound = parsed.GetValue(most) }, MoveReceiver.Start(TitleOf(parsed.GetRequiredValue(ae), "--ae"), AddressOf(parsed.GetRequiredValue(listen))))
                : SourceOf(name, parsed.GetValue(fromToken), parsed.GetValue(fromPassword), parsed.GetValue(parallel));
            using var stored = new Target(target);
            var migration = new Migration(terminal, source, stored, log, parsed.GetRequiredValue(state), parsed.GetValue(parallel));
            return await migration.RunAsync(filter, cancellation);
        });
        return command;
    }

    private static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    private static void Between<T>(Option<T> option, int from, int to) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<T>() is int number && (number < from || number > to))
        {
            result.AddError($"{option.Name} is a number {(to == int.MaxValue ? $"of {from} or more" : $"from {from} to {to}")}.");
        }
    });

    private static StudyFilter FilterOf(string[] studies, string? dates, string? modality)
    {
        if (Array.Find(studies, uid => !DicomUid.IsTolerated(uid)) is not null)
        {
            throw new CommandException("--study is a Study Instance UID.");
        }
        if (dates is not null && !DateRange().IsMatch(dates))
        {
            throw new CommandException("--date is a day or a range of days: 20240101, 20240101-20241231, 20240101- or -20241231.");
        }
        return new StudyFilter(studies, dates, modality);
    }

    private static WebSource SourceOf(string name, string? token, string? password, int parallel)
    {
        var options = name.StartsWith("dicom:", StringComparison.OrdinalIgnoreCase)
            ? throw new CommandException("FROM is dicom://AETITLE@host:port, with an AE title of at most 16 characters.")
            : ServiceOption.At(name, "FROM");
        return new WebSource(options with
        {
            MaxConnections = parallel,
            Authorization = (token, password) switch
            {
                (not null, not null) => throw new CommandException("Either --from-token-file or --from-password-file."),
                (not null, null) => ServiceOption.Bearer(token),
                (null, not null) => ServiceOption.Basic(password),
                _ => null,
            },
        });
    }

    private static DimsePeer PeerOf(Match url) => new(url.Groups["ae"].Value, url.Groups["host"].Value.Trim('[', ']'),
        int.Parse(url.Groups["port"].Value, System.Globalization.CultureInfo.InvariantCulture) is > 0 and < 65536 and var port ? port : throw new CommandException("FROM has no port between 1 and 65535."));

    private static string TitleOf(string title, string option) =>
        Title().IsMatch(title) ? title : throw new CommandException($"{option} is an AE title of at most 16 characters.");

    private static IPEndPoint AddressOf(string text) =>
        IPEndPoint.TryParse(text, out var address) && address.Port > 0 ? address : throw new CommandException("--listen is an address of this machine and a port, such as 10.0.0.9:11113.");

    [GeneratedRegex(@"^dicom://(?<ae>[\x21-\x3f\x41-\x5b\x5d-\x7e]{1,16})@(?<host>\[[0-9a-fA-F:.]+\]|[^\s/:@\[\]]+):(?<port>[0-9]{1,5})/?$", RegexOptions.IgnoreCase)]
    private static partial Regex DicomUrl();

    [GeneratedRegex(@"^[\x21-\x5b\x5d-\x7e]{1,16}$")]
    private static partial Regex Title();

    [GeneratedRegex(@"^([0-9]{8}(-([0-9]{8})?)?|-[0-9]{8})$")]
    private static partial Regex DateRange();
}
