using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Storage;

/// <summary>
/// Open files by key, the least recently used leaving first: objects never change, so an open one stays right until it is deleted.
/// A handle may be closed while someone holds it; he then gets <see cref="ObjectDisposedException"/> and asks again.
/// </summary>
internal sealed class HandleCache(int capacity) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, SafeFileHandle Handle)>> _byKey = [];
    private readonly LinkedList<(string Key, SafeFileHandle Handle)> _recent = [];
    private long _removals;

    /// <summary>The open file of a key; null when <paramref name="open"/> finds none.</summary>
    public SafeFileHandle? Get(string key, Func<string, SafeFileHandle?> open)
    {
        long removals;
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out var node))
            {
                _recent.Remove(node);
                _recent.AddFirst(node);
                return node.Value.Handle;
            }
            removals = _removals;
        }
        return open(key) is { } opened ? Add(key, opened, removals) : null;
    }

    /// <summary>Forgets a key; called after its file is gone.</summary>
    public void Remove(string key)
    {
        lock (_gate)
        {
            _removals++;
            if (_byKey.Remove(key, out var node))
            {
                _recent.Remove(node);
                node.Value.Handle.Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (_, handle) in _recent)
            {
                handle.Dispose();
            }
            _recent.Clear();
            _byKey.Clear();
        }
    }

    private SafeFileHandle Add(string key, SafeFileHandle opened, long removals)
    {
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out var node))
            {
                opened.Dispose();
                return node.Value.Handle;
            }
            // Opened before a deletion, kept after it: a deleted object would live on. Such a handle is closed by its finalizer.
            if (removals != _removals)
            {
                return opened;
            }
            _byKey.Add(key, _recent.AddFirst((key, opened)));
            if (_byKey.Count > capacity)
            {
                var last = _recent.Last!;
                _recent.RemoveLast();
                _byKey.Remove(last.Value.Key);
                last.Value.Handle.Dispose();
            }
            return opened;
        }
    }
}
