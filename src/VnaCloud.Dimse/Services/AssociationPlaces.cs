using System.Net;

namespace VnaCloud.Dimse;

/// <summary>
/// Who has a place: associations in all, of an address, of a calling AE, with some places kept for peers that are known; and connections
/// that have not asked yet, of which the oldest gives way.
/// </summary>
internal sealed class AssociationPlaces(DimseListenerOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, LinkedList<Action>> _pending = [];
    private readonly Dictionary<IPAddress, int> _ofAddress = [];
    private readonly Dictionary<(IPAddress, string), int> _ofCallingAe = [];
    private int _waiting;
    private int _taken;

    /// <summary>A connection came; one that came before may have to go for it. Disposing it ends its waiting.</summary>
    public IDisposable Wait(IPAddress address, Action drop)
    {
        Action? victim = null;
        LinkedListNode<Action> node;
        lock (_gate)
        {
            var own = _pending.TryGetValue(address, out var list) ? list : _pending[address] = [];
            var from = own.Count >= options.MaxPendingPerAddress ? own : _waiting >= options.MaxPendingConnections ? _pending.Values.MaxBy(others => others.Count) : null;
            if (from is { First: { } oldest })
            {
                victim = oldest.Value;
                from.Remove(oldest);
                _waiting--;
            }
            node = own.AddLast(drop);
            _waiting++;
        }
        victim?.Invoke();
        return new Place(() => EndWaiting(address, node));
    }

    /// <summary>A place for an association; null when there is none left for it.</summary>
    public IDisposable? Take(IPAddress address, string callingAe, AssociationAcceptance acceptance)
    {
        lock (_gate)
        {
            var isKnown = acceptance.MayUseReserved;
            var most = options.MaxAssociations - (isKnown ? 0 : options.ReservedAssociations);
            var ofAe = acceptance.MaxAssociationsOfCallingAe ?? options.MaxAssociationsPerCallingAe;
            if (_taken >= most || _ofCallingAe.GetValueOrDefault((address, callingAe)) >= ofAe
                || (!isKnown && _ofAddress.GetValueOrDefault(address) >= options.MaxAssociationsPerAddress))
            {
                return null;
            }
            _taken++;
            Add(_ofAddress, address, isKnown ? 0 : 1);
            Add(_ofCallingAe, (address, callingAe), 1);
            return new Place(() => Leave(address, callingAe, isKnown));
        }
    }

    private void Leave(IPAddress address, string callingAe, bool isKnown)
    {
        lock (_gate)
        {
            _taken--;
            Add(_ofAddress, address, isKnown ? 0 : -1);
            Add(_ofCallingAe, (address, callingAe), -1);
        }
    }

    private void EndWaiting(IPAddress address, LinkedListNode<Action> node)
    {
        lock (_gate)
        {
            if (node.List is { } list)
            {
                list.Remove(node);
                _waiting--;
            }
            if (_pending.TryGetValue(address, out var own) && own.Count == 0)
            {
                _pending.Remove(address);
            }
        }
    }

    // Nothing is remembered of those who left.
    private static void Add<TKey>(Dictionary<TKey, int> counts, TKey key, int change) where TKey : notnull
    {
        var count = counts.GetValueOrDefault(key) + change;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }

    private sealed class Place(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
