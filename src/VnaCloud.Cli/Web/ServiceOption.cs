using System.CommandLine;
using System.Net.Http.Headers;
using VnaCloud.DicomWeb;

namespace VnaCloud.Cli.Web;

/// <summary>Names a DICOMweb service anywhere, and how to be let in.</summary>
internal sealed class ServiceOption
{
    private readonly Argument<string> _url = new("URL") { Description = "The DICOMweb service, for example https://pacs.example/dicom-web." };

    private readonly Option<string?> _token = new("--token-file") { Description = "A file with a bearer token.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_token);
    }

    /// <exception cref="CommandException">The URL is none, or the file cannot be read.</exception>
    public DicomWebOptions Of(ParseResult parsed)
    {
        if (!(Uri.TryCreate(parsed.GetRequiredValue(_url), UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }))
        {
            throw new CommandException("URL is an absolute http or https URL without query and user, such as https://pacs.example/dicom-web.");
        }
        var options = new DicomWebOptions { ServiceUrl = url };
        return parsed.GetValue(_token) is { } file ? options with { Authorization = Bearer(file) } : options;
    }

    private static Func<bool, CancellationToken, ValueTask<AuthenticationHeaderValue?>> Bearer(string file) =>
        async (_, cancellation) => new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(file, cancellation)).Trim());
}
