using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Qido;
using VnaCloud.Server.Tests.Hosting;

namespace VnaCloud.Server.Tests.Qido;

/// <summary>The server, into whose index tests commit instances without any files behind them.</summary>
internal sealed class QidoServer : IAsyncDisposable
{
    private static readonly LentServers<QidoServer> Lent = new(static () => StartAsync(), static server => server.EmptyAsync());

    private readonly TestServer _server;

    private QidoServer(TestServer server) => _server = server;

    private IArchiveIndex Index => _server.App.Services.GetRequiredService<ArchiveHost>().Archive.Index;

    /// <param name="metadata">The stored DICOM JSON of every instance.</param>
    /// <param name="args">Settings.</param>
    public static async Task<QidoServer> StartAsync(string metadata = "{}", params string[] args) => new(await TestServer.StartAsync(args, null, services =>
        services.AddSingleton<StoredMetadataReader>((_, _, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(System.Text.Encoding.UTF8.GetBytes(metadata)))));

    /// <summary>A server as of <see cref="StartAsync"/> without arguments, which is given back in the end and may have served other tests; what these stored is deleted.</summary>
    public static Task<QidoServer> BorrowAsync() => Lent.BorrowAsync();

    /// <summary>Stops the servers that tests have given back.</summary>
    public static Task StopIdleAsync() => Lent.StopAsync();

    public Task<int> DeleteAsync(string study, string? series = null, string? sop = null) =>
        Index.DecideAsync(new DecisionRequest(TenantId.Default, DecisionKind.Delete, study, series, sop), CancellationToken.None);

    /// <summary>Commits one pack for each study among the instances.</summary>
    public async Task StoreAsync(params StoredInstance[] instances)
    {
        var packs = instances.GroupBy(instance => instance.Study).Select(study => study.ToArray()).Select(Pack).ToArray();
        var results = await Index.CommitAsync(packs, CancellationToken.None);
        Assert.All(results, result => Assert.All(result.Outcomes, outcome => Assert.Equal(MemberOutcome.Stored, outcome)));
    }

    public Task<HttpResponseMessage> SendAsync(string path, string? method = null, params (string Name, string Value)[] headers) =>
        _server.SendAsync(new HttpMethod(method ?? "GET"), path.StartsWith('/') ? path : $"/dicom-web/{path}", headers);

    /// <summary>The results of a search that succeeds.</summary>
    public async Task<JsonObject[]> SearchAsync(string path)
    {
        var response = await SendAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        Assert.Equal("application/dicom+json", response.Content.Headers.ContentType!.MediaType);
        return [.. JsonNode.Parse(text)!.AsArray().Select(node => node!.AsObject())];
    }

    /// <summary>First values of an attribute, one for each result, with blanks between.</summary>
    public async Task<string> ValuesAsync(string path, string tag) =>
        string.Join(' ', (await SearchAsync(path)).Select(result => result[tag]?["Value"]?[0]?.ToString()));

    public async ValueTask DisposeAsync()
    {
        if (Lent.TryGiveBack(this))
        {
            return;
        }
        await _server.DisposeAsync();
    }

    private async Task EmptyAsync()
    {
        while (await SearchAsync("studies") is { Length: > 0 } studies)
        {
            foreach (var study in studies)
            {
                Assert.True(await DeleteAsync(study["0020000D"]!["Value"]![0]!.ToString()) > 0);
            }
        }
    }

    private static PackCommit Pack(StoredInstance[] instances)
    {
        var pack = Ulid.New(TimeProvider.System);
        return new PackCommit
        {
            Tenant = TenantId.Default,
            Pack = pack,
            PackKey = $"t/k/packs/{pack}.tar",
            PackLength = 1000,
            StudyUid = instances[0].Study,
            Source = new IngestSource(Ulid.New(TimeProvider.System), "anonymous", "127.0.0.1", "test", TimeProvider.System.GetUtcNow()),
            Members = [.. instances.Select((instance, ordinal) => instance.ToMember(pack, ordinal))],
        };
    }
}

/// <summary>An instance to commit; its content is as unique as its UIDs.</summary>
internal sealed record StoredInstance(string Study, string Series, string Sop)
{
    public StudyAttributes OfStudy { get; init; } = new();

    public SeriesAttributes OfSeries { get; init; } = new();

    public string InstanceNumber { get; init; } = "";

    public PackMember ToMember(Ulid pack, int ordinal)
    {
        var digest = Digest.Read(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{Study} {Series} {Sop}")));
        return new PackMember
        {
            Study = OfStudy,
            Series = OfSeries,
            Entry = new InstanceEntry
            {
                Key = new(Study, Series, Sop),
                Origin = new Origin(pack, ordinal),
                Attributes = new() { SopClassUid = "1.2.840.10008.5.1.4.1.1.2", TransferSyntaxUid = "1.2.840.10008.1.2.1", InstanceNumber = InstanceNumber, Rows = 512, Columns = 512 },
                Data = new DataLocator($"t/k/packs/{pack}.tar", 512 * ordinal, 512),
                Metadata = new MetadataLocator($"t/k/packs/{pack}.tar", 100_000, [new MetadataSegment(10, 2, 0)]),
                Frames = FrameMap.Empty,
                FileDigest = digest,
                ContentDigest = digest,
            },
        };
    }
}
