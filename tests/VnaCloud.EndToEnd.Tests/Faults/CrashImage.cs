using System.Runtime.InteropServices;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>An fsync that a replay can be told to overlook.</summary>
internal enum SyncKind
{
    None,
    Object,
    Directory,
    Log,
    Database,
}

/// <summary>
/// A data folder as a loss of power may leave it: of each file what its last fsync covered, of later writes any or none, whole or by
/// sectors; of a directory's entries those that an fsync of it covered, and of later ones any or none. Files that never got a name are
/// gone, as is SQLite's shared memory. Writes past the page cache count as any others: the disk has a cache too.
/// </summary>
internal sealed class CrashImage
{
    private const int Sector = 512;

    private readonly IReadOnlyList<DiskStep> _done;
    private readonly Random _random;
    private readonly double _survives;
    private readonly Dictionary<int, int> _fileSync = [];
    private readonly Dictionary<string, int> _directorySync = [];

    /// <param name="history">What the server did.</param>
    /// <param name="cut">Place in the trace at which power was lost.</param>
    /// <param name="random">Decides what survives.</param>
    /// <param name="survives">Chance of a change that no fsync covered.</param>
    /// <param name="ignored">The kind of fsync, and the place from which on it did nothing.</param>
    public CrashImage(IReadOnlyList<DiskStep> history, int cut, Random random, double survives, (SyncKind Kind, int From) ignored = default)
    {
        _done = [.. history.TakeWhile(step => step.Begin < cut)];
        (_random, _survives) = (random, survives);
        foreach (var sync in _done.Where(step => step.End < cut && !(step.Begin >= ignored.From && KindOf(step) == ignored.Kind)))
        {
            if (sync.Action == DiskAction.SyncFile)
            {
                _fileSync[sync.File] = sync.Begin;
            }
            else if (sync.Action == DiskAction.SyncDirectory)
            {
                _directorySync[sync.Path] = sync.Begin;
            }
        }
    }

    /// <summary>Puts what was below <paramref name="root"/> below <paramref name="folder"/>.</summary>
    public void WriteTo(string folder, string root)
    {
        var directories = new HashSet<string> { root };
        foreach (var (path, file) in Entries().OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!directories.Contains(Path.GetDirectoryName(path)!) || path.EndsWith("-shm", StringComparison.Ordinal))
            {
                continue;
            }
            var target = Path.Combine(folder, Path.GetRelativePath(root, path));
            if (file is { } number)
            {
                File.WriteAllBytes(target, Content(number));
            }
            else
            {
                directories.Add(path);
                Directory.CreateDirectory(target);
            }
        }
    }

    private static SyncKind KindOf(DiskStep step) => step.Action switch
    {
        DiskAction.SyncDirectory => SyncKind.Directory,
        DiskAction.SyncFile when step.Path.EndsWith("-wal", StringComparison.Ordinal) => SyncKind.Log,
        DiskAction.SyncFile when step.Path.Contains("/objects/", StringComparison.Ordinal) => SyncKind.Object,
        _ => SyncKind.Database,
    };

    // Paths with their files; a directory has none.
    private Dictionary<string, int?> Entries()
    {
        var entries = new Dictionary<string, int?>();
        foreach (var step in _done.Where(step => step.Action is DiskAction.Name or DiskAction.MakeDirectory or DiskAction.Unlink or DiskAction.Rename))
        {
            if (step.End >= _directorySync.GetValueOrDefault(step.Directory, -1) && !Survives())
            {
                continue;
            }
            switch (step.Action)
            {
                case DiskAction.Unlink:
                    entries.Remove(step.Path);
                    break;
                case DiskAction.MakeDirectory:
                    entries[step.Path] = null;
                    break;
                default:
                    entries.Remove(step.From);
                    entries[step.Path] = step.File;
                    break;
            }
        }
        return entries;
    }

    private byte[] Content(int file)
    {
        var content = new List<byte>();
        var synced = _fileSync.GetValueOrDefault(file, -1);
        foreach (var step in _done.Where(step => step.File == file && step.Action is DiskAction.Write or DiskAction.Truncate))
        {
            var whole = step.End < synced || Survives();
            if (step.Action == DiskAction.Write)
            {
                Write(content, step, whole);
            }
            else if (whole)
            {
                Resize(content, (int)step.Offset);
            }
        }
        return [.. content];
    }

    private void Write(List<byte> content, DiskStep step, bool whole)
    {
        if (whole)
        {
            Put(content, step.Offset, step.Data);
        }
        else if (_survives > 0 && _random.Next(3) == 0)
        {
            for (var from = 0; from < step.Data.Length;)
            {
                var to = (int)Math.Min(step.Data.Length, ((step.Offset + from) / Sector + 1) * Sector - step.Offset);
                if (_random.Next(2) == 0)
                {
                    Put(content, step.Offset + from, step.Data.AsSpan(from, to - from));
                }
                from = to;
            }
        }
    }

    private static void Put(List<byte> content, long offset, ReadOnlySpan<byte> data)
    {
        Resize(content, Math.Max(content.Count, (int)(offset + data.Length)));
        data.CopyTo(CollectionsMarshal.AsSpan(content)[(int)offset..]);
    }

    // What is not written is zero.
    private static void Resize(List<byte> content, int length)
    {
        var before = Math.Min(content.Count, length);
        CollectionsMarshal.SetCount(content, length);
        CollectionsMarshal.AsSpan(content)[before..].Clear();
    }

    private bool Survives() => _random.NextDouble() < _survives;
}
