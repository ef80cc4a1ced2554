namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>The server that a storm's senders talk to; after a kill, the next.</summary>
internal sealed class CurrentServer : IDisposable
{
    private readonly List<ArchiveClient> _clients = [];
    private ArchiveClient _client = null!;

    public ArchiveClient Client => Volatile.Read(ref _client);

    /// <summary>From now on requests go to this address; those under way keep their client.</summary>
    public void Use(Uri server)
    {
        var client = new ArchiveClient(server);
        _clients.Add(client);
        Volatile.Write(ref _client, client);
    }

    public void Dispose() => _clients.ForEach(static client => client.Dispose());
}
