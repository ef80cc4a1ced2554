using System.IO.Enumeration;

namespace VnaCloud.Storage;

/// <summary>Walks the folder in bytewise order of keys, one directory in memory for each level.</summary>
internal sealed class FolderListing(string root)
{
    private static readonly EnumerationOptions Options = new()
    {
        // Links are neither followed nor listed; what vanishes or may not be read is passed over by the file system's own rules only.
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
        ReturnSpecialDirectories = false,
    };

    /// <summary>Keys that begin with <paramref name="prefix"/>.</summary>
    public IEnumerable<string> Objects(string prefix)
    {
        foreach (var entry in Walk(FolderTree.Split(prefix).Directory, prefix))
        {
            if (!FolderTree.Split(entry).Name.StartsWith(ObjectKey.TemporaryPrefix, StringComparison.Ordinal))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Full paths of temporary files last written before <paramref name="before"/>.</summary>
    public IEnumerable<string> Temporaries(DateTimeOffset before)
    {
        foreach (var entry in Walk("", ""))
        {
            var path = Path.Combine(root, entry);
            if (FolderTree.Split(entry).Name.StartsWith(ObjectKey.TemporaryPrefix, StringComparison.Ordinal) && File.GetLastWriteTimeUtc(path) < before)
            {
                yield return path;
            }
        }
    }

    private IEnumerable<string> Walk(string directory, string prefix)
    {
        var open = new Stack<IEnumerator<string>>();
        open.Push(Entries(directory));
        while (open.TryPeek(out var entries))
        {
            if (!entries.MoveNext())
            {
                open.Pop().Dispose();
                continue;
            }
            var entry = entries.Current;
            if (entry.EndsWith('/'))
            {
                var mayHold = entry.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(entry, StringComparison.Ordinal);
                if (mayHold)
                {
                    open.Push(Entries(entry[..^1]));
                }
            }
            else if (entry.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield return entry;
            }
        }
    }

    // A directory sorts by its name with the slash that its keys go on with: "a-b" comes before "a/b".
    private IEnumerator<string> Entries(string directory)
    {
        var path = Path.Combine(root, directory);
        var before = directory.Length == 0 ? "" : directory + "/";
        var names = Exists(path)
            ? new FileSystemEnumerable<string>(path, (ref FileSystemEntry entry) => entry.IsDirectory ? $"{before}{entry.FileName}/" : $"{before}{entry.FileName}", Options).ToArray()
            : [];
        Array.Sort(names, StringComparer.Ordinal);
        return ((IEnumerable<string>)names).GetEnumerator();
    }

    private static bool Exists(string path) => new DirectoryInfo(path) is { Exists: true } info && !info.Attributes.HasFlag(FileAttributes.ReparsePoint);
}
