namespace VnaCloud.Cli.Import;

/// <summary>Files below folders, folder by folder in the order of names, so that the slices of a series come together.</summary>
internal static class FileTree
{
    /// <summary>Full paths. Links to folders are not followed: they may lead in circles.</summary>
    public static IEnumerable<string> Files(IEnumerable<string> roots)
    {
        var open = new Stack<string>(roots.Select(Path.GetFullPath).Reverse());
        while (open.TryPop(out var path))
        {
            if (!Directory.Exists(path))
            {
                yield return path;
                continue;
            }
            var files = Directory.GetFiles(path);
            Array.Sort(files, StringComparer.Ordinal);
            foreach (var file in files)
            {
                yield return file;
            }
            var folders = Directory.GetDirectories(path);
            Array.Sort(folders, StringComparer.Ordinal);
            foreach (var folder in folders.Reverse().Where(folder => new DirectoryInfo(folder).LinkTarget is null))
            {
                open.Push(folder);
            }
        }
    }
}
