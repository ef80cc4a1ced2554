namespace VnaCloud.Storage;

/// <summary>Which blocks are in the cache's file, the least recently read leaving first, all leaving by age.</summary>
internal sealed class BlockIndex(SlotFile file, int capacity, TimeSpan forgetAfter, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<long, LinkedListNode<CachedBlock>>> _byKey = [];
    private readonly LinkedList<CachedBlock> _recent = [];
    private readonly Queue<CachedBlock> _byAge = new();
    private long _deletions;

    /// <summary>Blocks now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _recent.Count;
            }
        }
    }

    /// <summary>Changes with every deletion: a fetch that began before one must not be kept.</summary>
    public long Deletions => Interlocked.Read(ref _deletions);

    /// <summary>A block, held until <see cref="Release"/>; null when it is not there.</summary>
    /// <param name="key">Of the object.</param>
    /// <param name="index">Of the block.</param>
    /// <param name="follows">True when this is its first reader, and the block before it is there too.</param>
    public CachedBlock? Hold(string key, long index, out bool follows)
    {
        follows = false;
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var blocks) || !blocks.TryGetValue(index, out var node))
            {
                return null;
            }
            var block = node.Value;
            if (IsOld(block))
            {
                Drop(block);
                return null;
            }
            _recent.Remove(node);
            _recent.AddFirst(node);
            follows = !block.WasRead && blocks.ContainsKey(index - 1);
            block.WasRead = true;
            block.Readers++;
            return block;
        }
    }

    public bool Has(string key, long index)
    {
        lock (_gate)
        {
            return _byKey.TryGetValue(key, out var blocks) && blocks.ContainsKey(index);
        }
    }

    public void Release(CachedBlock block)
    {
        lock (_gate)
        {
            block.Readers--;
            FreeUnused(block);
        }
    }

    /// <summary>Puts a block in, making room; nothing when every slot is being read, or something was deleted since <paramref name="deletions"/> was read.</summary>
    public void Add(string key, long index, ReadOnlySpan<byte> bytes, long deletions)
    {
        var checks = CachedBlock.Checks(bytes);
        int slot;
        lock (_gate)
        {
            DropOld();
            while (_recent.Count >= capacity)
            {
                Drop(_recent.Last!.Value);
            }
            slot = file.Rent();
        }
        var kept = false;
        try
        {
            file.Write(slot, 0, bytes);
            kept = true;
        }
        finally
        {
            lock (_gate)
            {
                if (kept && deletions == _deletions && !Has(key, index))
                {
                    Link(new CachedBlock(key, index, slot, bytes.Length, checks, time.GetUtcNow()));
                }
                else
                {
                    file.Return(slot);
                }
            }
        }
    }

    /// <summary>A block whose bytes are not what they were.</summary>
    public void DropDamaged(CachedBlock block)
    {
        lock (_gate)
        {
            Drop(block);
        }
    }

    /// <summary>Forgets an object.</summary>
    public void DropAll(string key)
    {
        lock (_gate)
        {
            _deletions++;
            if (_byKey.TryGetValue(key, out var blocks))
            {
                foreach (var node in blocks.Values.ToArray())
                {
                    Drop(node.Value);
                }
            }
        }
    }

    /// <summary>Forgets what is old.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            DropOld();
        }
    }

    private bool IsOld(CachedBlock block) => time.GetUtcNow() - block.LoadedAt >= forgetAfter;

    private void DropOld()
    {
        while (_byAge.TryPeek(out var oldest) && (oldest.IsDropped || IsOld(oldest)))
        {
            Drop(_byAge.Dequeue());
        }
    }

    private void Link(CachedBlock block)
    {
        if (!_byKey.TryGetValue(block.Key, out var blocks))
        {
            _byKey.Add(block.Key, blocks = []);
        }
        blocks.Add(block.Index, _recent.AddFirst(block));
        _byAge.Enqueue(block);
    }

    private void Drop(CachedBlock block)
    {
        if (block.IsDropped)
        {
            return;
        }
        block.IsDropped = true;
        var blocks = _byKey[block.Key];
        blocks.Remove(block.Index, out var node);
        _recent.Remove(node!);
        if (blocks.Count == 0)
        {
            _byKey.Remove(block.Key);
        }
        FreeUnused(block);
    }

    private void FreeUnused(CachedBlock block)
    {
        if (block is { IsDropped: true, Readers: 0 })
        {
            file.Return(block.Slot);
        }
    }
}
