using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Scp;

/// <summary>A gateway on free ports, with an archive behind it that is a process of its own, or with none that answers.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string AeTitle = "VNACLOUD";
    public const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
    public const string StudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1";

    private Site(Folder folder, ServerProcess? archive, WebApplication gateway) => (Folder, Archive, Gateway) = (folder, archive, gateway);

    public Folder Folder { get; }

    public ServerProcess? Archive { get; }

    public WebApplication Gateway { get; }

    public int Port => Gateway.Services.GetRequiredService<DimsePort>().EndPoints[0].Port;

    public HttpClient DicomWeb => new() { BaseAddress = new Uri(Archive!.BaseUrl, "dicom-web/") };

    /// <summary>With an archive.</summary>
    public static async Task<Site> StartAsync(params string[] settings)
    {
        var archive = await ServerProcess.StartAsync();
        return await StartAsync(archive, new Uri(archive.BaseUrl, "dicom-web").ToString(), settings);
    }

    /// <summary>With an archive at an address where something else is, or nothing.</summary>
    public static Task<Site> StartWithoutArchiveAsync(string url, params string[] settings) => StartAsync(null, url, settings);

    /// <summary>One of the gateway's remote application entities, as settings.</summary>
    public static string[] Remote(int index, string aeTitle, int port = 0, params string[] more) =>
    [
        $"--Gateway:RemoteAes:{index}:AeTitle={aeTitle}",
        .. port == 0 ? Array.Empty<string>() : [$"--Gateway:RemoteAes:{index}:Host=127.0.0.1", $"--Gateway:RemoteAes:{index}:Port={port}"],
        .. more.Select(setting => $"--Gateway:RemoteAes:{index}:{setting}"),
    ];

    /// <summary>Asks for an association as one of the remotes.</summary>
    public Task<DimseAssociation> ConnectAsync(string callingAe, IReadOnlyList<string> sopClasses, Func<DimseConnectOptions, DimseConnectOptions>? change = null)
    {
        var options = new DimseConnectOptions
        {
            Host = IPAddress.Loopback.ToString(),
            Port = Port,
            CalledAeTitle = AeTitle,
            CallingAeTitle = callingAe,
            Contexts = DimseConnectOptions.Propose(sopClasses.Select(sopClass => (sopClass, StorageClasses.PlainSyntaxes))),
        };
        return DimseAssociation.ConnectAsync(change?.Invoke(options) ?? options);
    }

    /// <summary>Stores a file by C-STORE.</summary>
    public static async Task<DimseResponse> StoreAsync(DimseAssociation association, byte[] file)
    {
        using var source = new StreamSource(new MemoryStream(file));
        await using var reader = new DicomReader(source);
        await reader.ReadFileMetaAsync(default);
        var (sopClass, sop) = (reader.FileMeta.String(DicomTags.MediaStorageSOPClassUID), reader.FileMeta.String(DicomTags.MediaStorageSOPInstanceUID));
        var data = new MemoryStream(file, (int)reader.DataSetOffset, file.Length - (int)reader.DataSetOffset);
        return await association.StoreAsync(association.FindContext(sopClass, reader.TransferSyntax.Uid)!, new StoreInstance(sopClass, sop), data);
    }

    /// <summary>Waits until the archive has so many instances.</summary>
    public async Task UntilArchivedAsync(int instances)
    {
        using var archive = DicomWeb;
        await UntilAsync(async () => System.Text.Json.Nodes.JsonNode.Parse(await TextAsync(archive, "instances?limit=5000"))!.AsArray().Count == instances, $"{instances} instances in the archive");
    }

    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started).TotalSeconds < 90, $"{what}: not within 90 s");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.StopAsync();
        await Gateway.DisposeAsync();
        if (Archive is not null)
        {
            await Archive.DisposeAsync();
        }
        Folder.Dispose();
    }

    private static async Task<string> TextAsync(HttpClient archive, string path) =>
        await archive.GetStringAsync(new Uri(path, UriKind.Relative)) is { Length: > 0 } text ? text : "[]";

    private static async Task<Site> StartAsync(ServerProcess? archive, string url, string[] settings)
    {
        var folder = new Folder();
        string[] all =
        [
            "--Gateway:Dimse:Port=0", "--Gateway:Http:Urls=http://127.0.0.1:0", $"--Gateway:Spool:Path={folder.Path}/spool", $"--Gateway:Archive:Url={url}",
            "--Gateway:Spool:MinFreeBytes=0", "--Gateway:Spool:LowFreeBytes=0", .. settings,
        ];
        var gateway = VnaGateway.Build(all, builder => builder.Logging.ClearProviders());
        await gateway.StartAsync();
        return new Site(folder, archive, gateway);
    }
}
