using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
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
        var options = At(parsed.GetRequiredValue(_url), "URL");
        return parsed.GetValue(_token) is { } file ? options with { Authorization = Bearer(file) } : options;
    }

    /// <summary>The service at a URL.</summary>
    /// <exception cref="CommandException">It is none; <paramref name="name"/> is what the command line calls it.</exception>
    public static DicomWebOptions At(string text, string name) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }
            ? new DicomWebOptions { ServiceUrl = url }
            : throw new CommandException($"{name} is an absolute http or https URL without query and user, such as https://pacs.example/dicom-web.");

    /// <summary>A token out of a file, read for each request: it may be changed while the command runs.</summary>
    public static Func<bool, CancellationToken, ValueTask<AuthenticationHeaderValue?>> Bearer(string file) =>
        async (_, cancellation) => new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(file, cancellation)).Trim());

    /// <summary><c>user:password</c> out of a file, for services that know nothing better (RFC 7617).</summary>
    public static Func<bool, CancellationToken, ValueTask<AuthenticationHeaderValue?>> Basic(string file) =>
        async (_, cancellation) => new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes((await File.ReadAllTextAsync(file, cancellation)).Trim())));
}
