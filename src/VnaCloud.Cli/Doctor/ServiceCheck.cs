using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace VnaCloud.Cli.Doctor;

/// <summary>A server or gateway that runs: ready, its certificate, its clock.</summary>
internal static class ServiceCheck
{
    private const string Area = "service";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SoonOver = TimeSpan.FromDays(21);
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Diagnosis diagnosis, string text, CancellationToken cancellation)
    {
        if (!(Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            diagnosis.Error(Area, $"{text} is no http or https URL.", "Name one such as http://127.0.0.1:8080.");
            return;
        }
        DateTime? over = null;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    over = (certificate as X509Certificate2)?.NotAfter;
                    return errors == SslPolicyErrors.None;
                },
            },
        };
        using var http = new HttpClient(handler) { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(new Uri(url, "/health/ready"), cancellation);
            diagnosis.Judge(answer.IsSuccessStatusCode, Area, $"{url} is ready", $"{url} is not ready ({(int)answer.StatusCode}): {await answer.Content.ReadAsStringAsync(cancellation)}", "It says the reason; docs/runbooks.md has what to do.", Severity.Error);
            if (answer.Headers.Date is { } date)
            {
                var skew = date - TimeProvider.System.GetUtcNow();
                diagnosis.Judge(skew.Duration() < MostSkew, "clock", $"The clock of {url.Host} agrees with this machine's", string.Create(CultureInfo.InvariantCulture, $"The clock of {url.Host} is {skew.TotalSeconds:0} s off this machine's."), "Set both clocks by NTP.");
            }
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            diagnosis.Error(Area, $"{url} does not answer: {failure.InnerException?.Message ?? failure.Message}", "Is it running? Its log says why not. Behind a proxy, ask the server itself as well.");
        }
        if (over is { } end)
        {
            diagnosis.Judge(end.ToUniversalTime() - TimeProvider.System.GetUtcNow().UtcDateTime > SoonOver, "certificate", $"Valid until {end:yyyy-MM-dd}", $"The certificate of {url.Host} ends on {end:yyyy-MM-dd}.", "Renew it now.", end.ToUniversalTime() < TimeProvider.System.GetUtcNow().UtcDateTime ? Severity.Error : Severity.Warning);
        }
    }
}
