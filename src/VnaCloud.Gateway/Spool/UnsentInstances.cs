using System.Collections.Concurrent;

namespace VnaCloud.Gateway.Spool;

/// <summary>SOP Instance UIDs of what is not confirmed; one may be here several times.</summary>
internal sealed class UnsentInstances
{
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public bool Has(string sopInstanceUid) => _counts.ContainsKey(sopInstanceUid);

    public void Add(string sopInstanceUid) => _counts.AddOrUpdate(sopInstanceUid, 1, static (_, count) => count + 1);

    public void Remove(string sopInstanceUid)
    {
        if (_counts.AddOrUpdate(sopInstanceUid, 0, static (_, count) => count - 1) <= 0)
        {
            _counts.TryRemove(KeyValuePair.Create(sopInstanceUid, 0));
        }
    }
}
