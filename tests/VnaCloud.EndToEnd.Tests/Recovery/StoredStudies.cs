using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>What was acknowledged: instances by their paths, and what was deleted. Its numbers come from a seed.</summary>
internal sealed class StoredStudies(int seed)
{
    private readonly Dictionary<string, byte[]> _live = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

    /// <summary>Promises that were made: stores and deletes of single instances.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>UIDs of all studies that anything was ever stored in.</summary>
    public IEnumerable<string> Studies => _live.Keys.Concat(_gone).Select(static path => path.Split('/')[1]).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Paths of what is live.</summary>
    public IEnumerable<string> Live => _live.Keys.Order(StringComparer.Ordinal);

    public string Study(int number) => string.Create(CultureInfo.InvariantCulture, $"2.25.7{seed:D6}.{number}");

    public string Path(int study, int series, int number) => $"studies/{Study(study)}/series/{Study(study)}.{series}/instances/{Study(study)}.{series}.{number}";

    /// <summary>Stores instances of a study in one request, as many to each series as the numbers say.</summary>
    public async Task StoreAsync(ArchiveClient client, int study, Range numbers, int series = 1, int content = 0)
    {
        var parts = Enumerable.Range(numbers.Start.Value, numbers.End.Value - numbers.Start.Value)
            .Select(number => (Path: Path(study, series, number), File: File(study, series, number, content))).ToList();
        var reply = await client.StowAsync(parts.ConvertAll(static part => part.File));
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        foreach (var (path, file) in parts)
        {
            _live.TryAdd(path, file); // the first stays where the same is sent again
            _gone.Remove(path);
            Acknowledged++;
        }
    }

    /// <summary>Other bytes under the UIDs of a live instance: refused.</summary>
    public async Task ConflictAsync(ArchiveClient client, int study, int series, int number)
    {
        Assert.True(_live.ContainsKey(Path(study, series, number)));
        Assert.Single((await client.StowAsync(File(study, series, number, content: 99))).Failed);
    }

    /// <summary>Deletes whatever begins with a path: a study, a series, an instance.</summary>
    public async Task DeleteAsync(ArchiveClient client, string path)
    {
        Assert.Equal(HttpStatusCode.NoContent, await client.DeleteAsync(path));
        foreach (var lost in _live.Keys.Where(live => live == path || live.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
        {
            _live.Remove(lost);
            _gone.Add(lost);
            Acknowledged++;
        }
    }

    /// <summary>What a `vna undelete` of one instance brought back.</summary>
    public void Restored(int study, int series, int number, int content = 0)
    {
        Assert.True(_gone.Remove(Path(study, series, number)));
        _live.Add(Path(study, series, number), File(study, series, number, content));
        Acknowledged++;
    }

    /// <summary>How many instances are missing, wrong, twice, or there although they were deleted.</summary>
    public async Task<int> CountLostAsync(ArchiveAnswers answers)
    {
        var lost = 0;
        foreach (var study in Studies)
        {
            var expected = _live.Where(live => live.Key.StartsWith($"studies/{study}/", StringComparison.Ordinal))
                .Select(static live => Convert.ToHexString(SHA256.HashData(live.Value))).ToList();
            foreach (var hash in await answers.FilesAsync(study))
            {
                lost += expected.Remove(hash) ? 0 : 1;
            }
            lost += expected.Count;
        }
        return lost;
    }

    // Small, of several patients, days and modalities, so that searches have something to tell apart.
    private byte[] File(int study, int series, int number, int content) => Instances.File(new InstanceSpec(Study(study), $"{Study(study)}.{series}", $"{Study(study)}.{series}.{number}")
    {
        PatientName = study % 3 == 0 ? "Müller^Anna" : $"Doe^{(char)('A' + study)}",
        PatientId = string.Create(CultureInfo.InvariantCulture, $"P{study % 4}"),
        StudyDate = string.Create(CultureInfo.InvariantCulture, $"202603{1 + study % 28:D2}"),
        StudyDescription = content == 0 && number % 2 == 1 ? $"Study {study}" : "",
        Modality = series % 2 == 1 ? "CT" : "MR",
        SeriesNumber = series,
        InstanceNumber = number,
        Frames = number % 5 == 0 ? 3 : 1,
        Seed = content,
    });
}
