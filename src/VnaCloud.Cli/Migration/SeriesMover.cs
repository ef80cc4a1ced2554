using VnaCloud.Dicom;
using VnaCloud.DicomWeb;

namespace VnaCloud.Cli.Migration;

/// <summary>What became of a series.</summary>
/// <param name="Listed">Instances that the source lists.</param>
/// <param name="Proven">Those that the target gave back with the same bytes.</param>
/// <param name="Bytes">Bytes of the files that were sent.</param>
/// <param name="Failures">SOP Instance UID, or empty for the series, and why.</param>
/// <param name="SourceGone">The source did not answer.</param>
internal sealed record SeriesResult(int Listed, int Proven, long Bytes, IReadOnlyList<(string SopUid, string Reason)> Failures, bool SourceGone);

/// <summary>Moves one series: lists, fetches, stores, fetches what is missing once more, and compares all that the target gives back.</summary>
/// <param name="source">Where from.</param>
/// <param name="target">Where to.</param>
/// <param name="work">A folder for files on their way.</param>
internal sealed class SeriesMover(IMigrationSource source, Target target, string work)
{
    /// <summary>Most files of one request.</summary>
    private const int GroupFiles = 100;

    /// <summary>Bytes after which a request is full.</summary>
    private const long GroupBytes = 256L * 1024 * 1024;

    public async Task<SeriesResult> MoveAsync(ListedSeries series, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(work, Guid.NewGuid().ToString("N"))).FullName;
        var moving = new Moving(target, series);
        try
        {
            var listed = (await source.InstancesAsync(series, cancellation)).Distinct(StringComparer.Ordinal).ToList();
            await FetchAsync(moving, listed, whole: true, folder, cancellation);
            if (moving.Missing(listed) is { Count: > 0 } missing)
            {
                // Those alone, one by one: what was in the way of the others is then known of each.
                await FetchAsync(moving, missing, whole: false, folder, cancellation);
            }
            return await moving.CompareAsync(listed, folder, cancellation);
        }
        catch (SourceException failure)
        {
            return moving.Failed(failure.Message, failure.IsGone);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task FetchAsync(Moving moving, List<string> wanted, bool whole, string folder, CancellationToken cancellation)
    {
        var (group, bytes) = (new List<InstanceFile>(), 0L);
        try
        {
            await foreach (var path in source.FetchAsync(moving.Series, wanted, whole, folder, cancellation))
            {
                if (await ReadAsync(path, cancellation) is not { } file)
                {
                    continue;
                }
                group.Add(file);
                bytes += file.Length;
                if (group.Count == GroupFiles || bytes >= GroupBytes)
                {
                    await moving.StoreAsync(group, cancellation);
                    (group, bytes) = ([], 0);
                }
            }
        }
        catch (SourceException) when (whole && !cancellation.IsCancellationRequested)
        {
            // What came is good; the rest is asked for by name.
        }
        await moving.StoreAsync(group, cancellation);
    }

    // Null for what is not DICOM or has no name: it is missing then.
    private static async Task<InstanceFile?> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            var file = await InstanceFile.ReadAsync(path, cancellation);
            if (DicomUid.IsTolerated(file.SopUid))
            {
                return file;
            }
        }
        catch (DicomFormatException)
        {
            // As below.
        }
        File.Delete(path);
        return null;
    }

    private sealed class Moving(Target target, ListedSeries series)
    {
        private readonly Dictionary<string, string> _sent = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _refused = new(StringComparer.Ordinal);
        private long _bytes;

        public ListedSeries Series => series;

        public List<string> Missing(List<string> listed) => [.. listed.Where(uid => !_sent.ContainsKey(uid) && !_refused.ContainsKey(uid))];

        public async Task StoreAsync(List<InstanceFile> files, CancellationToken cancellation)
        {
            // One that came twice is named once in the answer.
            foreach (var group in files.GroupBy(file => file.SopUid).SelectMany(same => same.Select((file, turn) => (file, turn))).GroupBy(pair => pair.turn, pair => pair.file))
            {
                var some = group.ToList();
                var answers = await target.StoreAsync(some, cancellation);
                for (var i = 0; i < some.Count; i++)
                {
                    if (answers[i].Failure is { } reason)
                    {
                        _refused[some[i].SopUid] = $"The archive refused it: {reason}";
                    }
                    else
                    {
                        _sent[some[i].SopUid] = some[i].Content;
                        _bytes += some[i].Length;
                    }
                    File.Delete(some[i].Path);
                }
            }
        }

        public async Task<SeriesResult> CompareAsync(List<string> listed, string folder, CancellationToken cancellation)
        {
            var failures = Missing(listed).Select(uid => (uid, "The source lists it and does not give it, or not as DICOM.")).ToList();
            failures.AddRange(_refused.Select(refused => (refused.Key, refused.Value)));
            Dictionary<string, string> contents;
            try
            {
                contents = _sent.Count > 0 ? await target.ContentsAsync(series, folder, cancellation) : [];
            }
            catch (DicomWebException failure)
            {
                return Result(listed.Count, 0, [.. failures, ("", $"What was stored could not be compared: {failure.Error.Message}")], false);
            }
            var different = _sent.Where(sent => contents.GetValueOrDefault(sent.Key) != sent.Value).ToList();
            failures.AddRange(different.Select(sent => (sent.Key, contents.ContainsKey(sent.Key) ? "The archive gives back other bytes than the source gave: it holds another version of this instance." : "The archive took it and does not give it back.")));
            return Result(listed.Count, _sent.Count - different.Count, failures, false);
        }

        public SeriesResult Failed(string reason, bool sourceGone) => Result(0, 0, [("", reason)], sourceGone);

        private SeriesResult Result(int listed, int proven, IReadOnlyList<(string, string)> failures, bool sourceGone) => new(listed, proven, _bytes, failures, sourceGone);
    }
}
