using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using VnaCloud.Archive;
using VnaCloud.Index;

namespace VnaCloud.Cli.Import;

/// <summary>A server runs on the data folder: files go through its STOW-RS; only the look whether they are there already is direct.</summary>
internal sealed class StowSink : IImportSink
{
    private const int Attempts = 5;
    private readonly SqliteArchiveIndex _index;
    private readonly HttpClient _client;
    private readonly Uri _studies;

    private StowSink(SqliteArchiveIndex index, Uri server)
    {
        _index = index;
        _studies = new Uri(server, "dicom-web/studies");
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromHours(1) };
        Way = $"through the server at {server}";
    }

    public string Way { get; }

    public static async Task<StowSink> OpenAsync(DataFolder folder, CancellationToken cancellation)
    {
        var server = ServerAddress.Read(folder)
            ?? throw new CommandException($"Another process works on {folder.Root} and it is not a server that is ready: wait until it has ended, or started, and try again.");
        return new StowSink(await folder.OpenIndexAsync(readOnly: true, cancellation), server);
    }

    public async Task<InstanceEntry?> FindAsync(InstanceKey key, CancellationToken cancellation) =>
        (await _index.LocateAsync(TenantId.Default, key.StudyUid, key.SeriesUid, key.SopUid, cancellation))?.Instances[0];

    public async Task<IReadOnlyList<ImportAnswer>> StoreAsync(IReadOnlyList<ImportFile> files, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _studies) { Content = new InstancesContent(files) };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/dicom+json"));
            using var response = await SendAsync(request, cancellation);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable && attempt < Attempts)
            {
                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(5), cancellation);
                continue;
            }
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.Conflict)
            {
                await using var body = await response.Content.ReadAsStreamAsync(cancellation);
                using var answer = await JsonDocument.ParseAsync(body, cancellationToken: cancellation);
                return StowAnswer.Read(answer.RootElement, files);
            }
            return [.. files.Select(_ => new ImportAnswer($"The server answered {(int)response.StatusCode} {response.ReasonPhrase}."))];
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _index.DisposeAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException failure)
        {
            throw new CommandException($"The server at {_studies.GetLeftPart(UriPartial.Authority)} does not answer ({failure.Message}); what it confirmed is stored, run the command again to go on.");
        }
    }
}
