using System.Net.Http.Headers;
using System.Runtime;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Hosting;

/// <summary>
/// Before it is ready, the server stores, finds and reads a made-up study in a second, private copy of itself: code is compiled by
/// its first use, and the first radiologist of the day should not wait for that.
/// </summary>
internal sealed partial class Rehearsal(VnaOptions options, TimeProvider time, ILogger<Rehearsal> logger) : BackgroundService, IHealthCheck
{
    // The runtime counts a method's calls once nothing new was compiled for a tenth of a second, and optimises it after thirty of them.
    private const int RoundsBeforeCounting = 6;
    private const int Rounds = 46;
    private const int Instances = 20;
    // So many that their metadata must wait for the client, which is other code.
    private const int LargeSeries = 600;
    private const int SmallRequests = 4;
    private const int ThumbRows = 64;
    private const int SliceRows = 512;
    private const string SharedMemory = "/dev/shm";
    // The compiler has nothing left when so few methods were new at each of so many looks; it is not waited for longer than that.
    private const int QuietLooks = 3;
    private const int NearlyNone = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CountingBegins = TimeSpan.FromMilliseconds(150);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _done;

    /// <summary>Ends when nothing made up is done any more.</summary>
    public Task Ended => _ended.Task;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_done ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Starting must not wait for it.
        await Task.Yield();
        if (options.Rehearsal)
        {
            var started = time.GetTimestamp();
            var folder = Path.Combine(Place(), $".rehearsal-{Ulid.New(time)}");
            try
            {
                await RehearseAsync(folder, stoppingToken);
                await CompiledAsync(stoppingToken);
                Log.Rehearsed(logger, time.GetElapsedTime(started).TotalMilliseconds);
            }
            catch (Exception failure) when (failure is IOException or HttpRequestException or StartRefusedException or UnauthorizedAccessException)
            {
                // Only speed is lost.
                Log.Failed(logger, failure.GetType().Name);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The server stops before it was ready, as where its port is taken: nothing failed here.
            }
            finally
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        }
        _done = true;
        _ended.TrySetResult();
    }

    // In memory where that is to be had: ext4 passes over inodes deleted in the last minutes one by one, so that a thousand files made
    // and deleted in the data folder would slow the first real uploads down.
    private string Place() => Directory.Exists(SharedMemory) ? SharedMemory : Path.GetFullPath(options.Storage.Path);

    private async Task RehearseAsync(string folder, CancellationToken cancellation)
    {
        string[] args = [$"--Vna:Storage:Path={folder}", "--Vna:Rehearsal=false", "--Vna:Maintenance:Enabled=false", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None"];
        // The real archive's settings may stand in the environment, and nothing made up may get into that.
        await using var server = VnaServer.Build(args, static builder => builder.Logging.ClearProviders(), onlyArguments: true);
        await server.StartAsync(cancellation);
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
        for (var round = 0; round < Rounds; round++)
        {
            if (round == RoundsBeforeCounting)
            {
                await Task.Delay(CountingBegins, time, cancellation);
            }
            await StoreAsync(client, round, cancellation);
            var series = $"/dicom-web/studies/2.25.{round + 1}/series/2.25.1";
            await ReadAsync(client, $"{series}/metadata", "application/dicom+json", "gzip", cancellation);
            await ReadAsync(client, $"{series}/metadata", "application/dicom+json", null, cancellation);
            await ReadAsync(client, "/dicom-web/studies/2.25.1/series/2.25.1/metadata", "application/dicom+json", "gzip", cancellation);
            await ReadAsync(client, $"{series}/instances/2.25.1/frames/1", "multipart/related; type=\"application/octet-stream\"", null, cancellation);
            await ReadAsync(client, $"{series}/instances/2.25.1", "application/dicom; transfer-syntax=*", null, cancellation);
            await ReadAsync(client, "/dicom-web/studies?PatientName=REHEARSAL*&limit=10", "application/dicom+json", "gzip", cancellation);
            await ReadAsync(client, $"/dicom-web/studies?PatientID={round}", "application/dicom+json", null, cancellation);
            await ReadAsync(client, "/dicom-web/studies?StudyDate=20200101-20200107&ModalitiesInStudy=CT&limit=5&offset=1", "application/dicom+json", null, cancellation);
        }
        await server.StopAsync(CancellationToken.None);
    }

    // What was asked for is compiled by a thread of the runtime, one method after the other: whoever sends requests meanwhile shares the
    // processor with it, and has the slower code.
    private async Task CompiledAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var seen = -1L;
        for (var quiet = 0; quiet < QuietLooks && time.GetElapsedTime(started) < LongestWait;)
        {
            await Task.Delay(BetweenLooks, time, cancellation);
            var compiled = JitInfo.GetCompiledMethodCount();
            quiet = compiled - seen < NearlyNone ? quiet + 1 : 0;
            seen = compiled;
        }
    }

    private static async Task StoreAsync(HttpClient client, int round, CancellationToken cancellation)
    {
        using var body = new MultipartContent("related", "rehearsal");
        var count = round == 0 ? LargeSeries : Instances;
        for (var i = 1; i <= count; i++)
        {
            var part = new ByteArrayContent(Instance(round, i, ThumbRows));
            part.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
            body.Add(part);
        }
        using var answer = await client.PostAsync(new Uri("/dicom-web/studies", UriKind.Relative), body, cancellation);
        answer.EnsureSuccessStatusCode();
        // Small requests side by side, as a scanner's gateway sends them.
        await Task.WhenAll(Enumerable.Range(LargeSeries + 1, SmallRequests).Select(number => StoreOneAsync(client, round, number, cancellation)));
    }

    private static async Task StoreOneAsync(HttpClient client, int round, int number, CancellationToken cancellation)
    {
        using var body = new MultipartContent("related", "rehearsal");
        // One is as large as a CT slice: it arrives in several pieces, which is other code.
        var part = new ByteArrayContent(Instance(round, number, number == LargeSeries + 1 ? SliceRows : ThumbRows));
        part.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        body.Add(part);
        using var answer = await client.PostAsync(new Uri("/dicom-web/studies", UriKind.Relative), body, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task ReadAsync(HttpClient client, string path, string accept, string? encoding, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        using var answer = await client.SendAsync(request, cancellation);
        answer.EnsureSuccessStatusCode();
        await answer.Content.CopyToAsync(Stream.Null, cancellation);
    }

    private static byte[] Instance(int round, int number, int rows)
    {
        var data = new DicomDataSet()
            .Set(DicomTags.SOPClassUID, DicomVr.UI, "1.2.840.10008.5.1.4.1.1.2")
            .Set(DicomTags.SOPInstanceUID, DicomVr.UI, $"2.25.{number}")
            .Set(DicomTags.StudyInstanceUID, DicomVr.UI, $"2.25.{round + 1}")
            .Set(DicomTags.SeriesInstanceUID, DicomVr.UI, "2.25.1")
            .Set(DicomTags.StudyDate, DicomVr.DA, "20200101")
            .Set(DicomTags.Modality, DicomVr.CS, "CT")
            .Set(DicomTags.PatientName, DicomVr.PN, "REHEARSAL^SERVER")
            .Set(DicomTags.PatientID, DicomVr.LO, $"{round}")
            .Set(DicomTags.ImagePositionPatient, DicomVr.DS, "0", "0", "1.5")
            .Set(DicomTags.InstanceNumber, DicomVr.IS, $"{number}")
            .Set(DicomTags.Rows, (ushort)rows)
            .Set(DicomTags.Columns, (ushort)rows)
            .Set(DicomTags.SamplesPerPixel, 1)
            .Set(DicomTags.BitsAllocated, 16)
            .Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, new byte[2 * rows * rows]));
        var meta = new DicomDataSet()
            .Set(DicomTags.MediaStorageSOPClassUID, DicomVr.UI, "1.2.840.10008.5.1.4.1.1.2")
            .Set(DicomTags.MediaStorageSOPInstanceUID, DicomVr.UI, $"2.25.{number}");
        return DicomWriter.ToArray(meta, data, TransferSyntax.ExplicitVrLittleEndian);
    }

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Information, "Rehearsed in {Milliseconds} ms")]
        public static partial void Rehearsed(ILogger logger, double milliseconds);

        [LoggerMessage(1202, LogLevel.Warning, "Could not rehearse ({Failure}): the first requests will be slower")]
        public static partial void Failed(ILogger logger, string failure);
    }
}

internal static class RehearsalSetup
{
    public static void AddRehearsal(this IServiceCollection services)
    {
        services.AddSingleton<Rehearsal>();
        services.AddHostedService(provider => provider.GetRequiredService<Rehearsal>());
        services.AddHealthChecks().AddCheck<Rehearsal>("rehearsal");
    }
}
