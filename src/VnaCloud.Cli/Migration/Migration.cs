using System.Collections.Concurrent;

namespace VnaCloud.Cli.Migration;

/// <summary>Moves all series of all studies, some at once, and says what became of them.</summary>
internal sealed class Migration
{
    /// <summary>Series in a row for which the source did not answer, after which it is taken as gone.</summary>
    private const int MostUnanswered = 10;

    private const string FailedFile = "failed.tsv";
    private readonly Terminal _terminal;
    private readonly IMigrationSource _source;
    private readonly MigrationLog _log;
    private readonly SeriesMover _mover;
    private readonly MigrationProgress _progress;
    private readonly string _state;
    private readonly int _parallel;
    private readonly ConcurrentQueue<string> _failures = new();
    private long _studies, _series, _before, _proven, _failed, _bytes;
    private int _unanswered;

    public Migration(Terminal terminal, IMigrationSource source, Target target, MigrationLog log, string state, int parallel)
    {
        (_terminal, _source, _log, _state, _parallel) = (terminal, source, log, state, parallel);
        var work = Path.Combine(state, "work");
        // What a killed run left half-way.
        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }
        _mover = new SeriesMover(source, target, work);
        _progress = new MigrationProgress(terminal, TimeProvider.System);
    }

    /// <summary>Runs to the end.</summary>
    /// <returns>0 when all that the source lists is in the target, byte for byte.</returns>
    public async Task<int> RunAsync(StudyFilter filter, CancellationToken cancellation)
    {
        try
        {
            var studies = await ListAsync(filter, cancellation);
            await using (_progress.Start(studies.All(study => study.Instances is not null) ? studies.Sum(study => (long)study.Instances!) : null))
            {
                await Parallel.ForEachAsync(SeriesOfAsync(studies, cancellation), new ParallelOptions { MaxDegreeOfParallelism = _parallel, CancellationToken = cancellation },
                    async (series, token) => await MoveAsync(series, token));
            }
        }
        catch (SourceException failure)
        {
            _terminal.Error($"{failure.Message} Run the same command again to go on.");
            _failed++;
        }
        await SummariseAsync();
        return _failed == 0 ? VnaCommand.Ok : VnaCommand.Failed;
    }

    private async Task<List<ListedStudy>> ListAsync(StudyFilter filter, CancellationToken cancellation)
    {
        var studies = new Dictionary<string, ListedStudy>(StringComparer.Ordinal);
        await foreach (var study in _source.StudiesAsync(filter, cancellation))
        {
            studies[study.StudyUid] = study;
        }
        _terminal.Line($"{studies.Count} studies at the source; {_log.Instances} instances were done before.");
        return [.. studies.Values];
    }

    private async IAsyncEnumerable<ListedSeries> SeriesOfAsync(List<ListedStudy> studies, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var study in studies)
        {
            IReadOnlyList<ListedSeries> found;
            try
            {
                found = await _source.SeriesAsync(study.StudyUid, cancellation);
            }
            catch (SourceException failure) when (!failure.IsGone)
            {
                Fail(study.StudyUid, "", "", failure.Message);
                continue;
            }
            _studies++;
            foreach (var series in found.DistinctBy(series => series.SeriesUid))
            {
                if (_log.Done(series) is { } done)
                {
                    _before += done;
                    _progress.Skip(done);
                }
                else
                {
                    yield return series;
                }
            }
        }
    }

    private async Task MoveAsync(ListedSeries series, CancellationToken cancellation)
    {
        var result = await _mover.MoveAsync(series, cancellation);
        Interlocked.Add(ref _proven, result.Proven);
        Interlocked.Add(ref _bytes, result.Bytes);
        _progress.Add(result.Listed, result.Bytes);
        foreach (var (sopUid, reason) in result.Failures)
        {
            Fail(series.StudyUid, series.SeriesUid, sopUid, reason);
        }
        if (result.Failures.Count == 0)
        {
            _log.Add(series, result.Listed);
            Interlocked.Increment(ref _series);
        }
        var unanswered = result.SourceGone ? Interlocked.Increment(ref _unanswered) : Interlocked.Exchange(ref _unanswered, 0);
        if (result.SourceGone && unanswered >= MostUnanswered)
        {
            throw new SourceException($"The source did not answer for {MostUnanswered} series in a row.", isGone: true);
        }
    }

    private void Fail(string study, string series, string sop, string reason)
    {
        Interlocked.Increment(ref _failed);
        _failures.Enqueue($"{study}\t{series}\t{sop}\t{reason.ReplaceLineEndings(" ").Replace('\t', ' ')}");
    }

    private async Task SummariseAsync()
    {
        var path = Path.Combine(_state, FailedFile);
        await File.WriteAllLinesAsync(path, _failures, CancellationToken.None);
        _terminal.Line($"studies             {_studies}");
        _terminal.Line($"done before         {_before} instances");
        _terminal.Line($"moved and compared  {_proven} instances, {_bytes} bytes, {_series} series");
        _terminal.Line($"failed              {_failed}");
        if (_failed > 0)
        {
            foreach (var failure in _failures.Take(3))
            {
                _terminal.Error(failure.Replace("\t", " ", StringComparison.Ordinal));
            }
            _terminal.Error($"{path} lists what failed; the same command tries it again.");
        }
        else
        {
            _terminal.Line("All that the source lists is in the archive, compared byte for byte.");
        }
    }
}
