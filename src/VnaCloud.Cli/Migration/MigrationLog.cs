using System.Globalization;
using System.Text;

namespace VnaCloud.Cli.Migration;

/// <summary>
/// Which series are in the target and compared: one line each, on the disk before the next is counted. It is all that a migration has to
/// remember; a line that a kill cut off counts for nothing.
/// </summary>
internal sealed class MigrationLog : IDisposable
{
    private const string FileName = "done.tsv";
    private readonly FileStream _file;
    private readonly Dictionary<(string Study, string Series), int> _done = [];
    private readonly Lock _gate = new();

    private readonly FileStream _lock;

    private MigrationLog(FileStream file, FileStream held) => (_file, _lock) = (file, held);

    /// <summary>Instances of the series that were done before.</summary>
    public long Instances
    {
        get
        {
            lock (_gate)
            {
                return _done.Values.Sum(static count => (long)count);
            }
        }
    }

    /// <summary>Opens the log of a folder, or begins one.</summary>
    /// <exception cref="CommandException">Another process uses it, or it is of another migration.</exception>
    public static MigrationLog Open(string folder, string from, string to)
    {
        Directory.CreateDirectory(folder);
        // A file of its own, so that the log can be looked at while it grows.
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (Directory.Exists(folder))
        {
            throw new CommandException($"{folder} is in use: another migration runs with it ({taken.Message}).");
        }
        var path = Path.Combine(folder, FileName);
        var log = new MigrationLog(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0), held);
        try
        {
            log.Read($"{from}\t{to}", path);
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>How many instances of a series were done, all of it; null when it was not, or the source has another number of instances now.</summary>
    public int? Done(ListedSeries series)
    {
        lock (_gate)
        {
            return _done.TryGetValue((series.StudyUid, series.SeriesUid), out var count) && (series.Instances ?? count) == count ? count : null;
        }
    }

    /// <summary>Keeps that a series is done, durably.</summary>
    public void Add(ListedSeries series, int instances)
    {
        lock (_gate)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"{series.StudyUid}\t{series.SeriesUid}\t{instances}"));
            _done[(series.StudyUid, series.SeriesUid)] = instances;
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    private void Read(string of, string path)
    {
        using var reader = new StreamReader(_file, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        // What follows the last line feed was cut off.
        var lines = reader.ReadToEnd().Split('\n')[..^1];
        if (lines is [var first, ..] && first != of)
        {
            throw new CommandException($"{path} belongs to another migration ({first.Replace("\t", " to ", StringComparison.Ordinal)}): name another folder with --state.");
        }
        foreach (var line in lines.Skip(1))
        {
            if (line.Split('\t') is [var study, var series, var count] && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var instances))
            {
                _done[(study, series)] = instances;
            }
        }
        var whole = lines.Sum(static line => Encoding.UTF8.GetByteCount(line) + 1L);
        _file.SetLength(whole);
        _file.Position = whole;
        if (whole == 0)
        {
            Write(of);
        }
    }

    private void Write(string line)
    {
        _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _file.Flush(flushToDisk: true);
    }
}
