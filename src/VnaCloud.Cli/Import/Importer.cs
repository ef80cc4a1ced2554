namespace VnaCloud.Cli.Import;

/// <summary>Files in groups, a few groups at once; a group is one request, so that packs get filled.</summary>
internal sealed class Importer(IImportSink sink, ImportReport report, int parallel)
{
    /// <summary>Most files of one group.</summary>
    public const int GroupFiles = 100;

    private readonly FileInspector _inspector = new(sink);
    private long _done;

    public async Task RunAsync(IReadOnlyList<string> roots, Action<long> progress, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation };
        await Parallel.ForEachAsync(FileTree.Files(roots).Chunk(GroupFiles), options, async (group, token) =>
        {
            var files = new List<ImportFile>(group.Length);
            foreach (var path in group)
            {
                var (kind, file, reason) = await _inspector.InspectAsync(path, token);
                if (kind == FileKind.Instance)
                {
                    files.Add(file);
                }
                else
                {
                    report.Add(kind, file, reason);
                }
            }
            foreach (var request in WithoutRepetition(files))
            {
                var answers = await sink.StoreAsync(request, token);
                for (var i = 0; i < answers.Count; i++)
                {
                    report.Add(request[i], answers[i]);
                }
            }
            progress(Interlocked.Add(ref _done, group.Length));
        });
    }

    // Answers name instances by their SOP Instance UID: one that is there twice goes into a second request.
    private static IEnumerable<List<ImportFile>> WithoutRepetition(List<ImportFile> files)
    {
        while (files.Count > 0)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var later = new List<ImportFile>();
            var now = new List<ImportFile>();
            foreach (var file in files)
            {
                (file.SopUid.Length == 0 || seen.Add(file.SopUid) ? now : later).Add(file);
            }
            yield return now;
            files = later;
        }
    }
}
