using VnaCloud.Archive;
using VnaCloud.DicomWeb;
using VnaCloud.Index;

namespace VnaCloud.Cli.Import;

/// <summary>A server runs on the data folder: files go through its STOW-RS; only the look whether they are there already is direct.</summary>
internal sealed class StowSink : IImportSink
{
    private readonly SqliteArchiveIndex _index;
    private readonly DicomWebClient _client;
    private readonly StowSender _sender;

    private StowSink(SqliteArchiveIndex index, Uri server)
    {
        _index = index;
        var options = new DicomWebOptions { ServiceUrl = new Uri(server, "dicom-web") };
        // On this machine, whatever proxy leads elsewhere.
        _client = new DicomWebClient(options, new SocketsHttpHandler { UseProxy = false });
        _sender = new StowSender(_client, server);
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

    public Task<IReadOnlyList<ImportAnswer>> StoreAsync(IReadOnlyList<ImportFile> files, CancellationToken cancellation) => _sender.StoreAsync(files, cancellation);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _index.DisposeAsync();
    }
}
