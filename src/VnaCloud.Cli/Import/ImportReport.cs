namespace VnaCloud.Cli.Import;

/// <summary>Counts what became of the files, prints the first failures, and writes everything that was not simply stored to a file.</summary>
internal sealed class ImportReport : IAsyncDisposable
{
    /// <summary>Failures that are printed; the rest is in the report file only.</summary>
    private const int MaxPrinted = 20;

    private readonly Terminal _terminal;
    private readonly StreamWriter? _file;
    private readonly string? _path;
    private readonly Lock _gate = new();
    private long _stored, _warned, _present, _notDicom, _directories;

    public ImportReport(Terminal terminal, string? path)
    {
        _terminal = terminal;
        _path = path;
        _file = path is null ? null : new StreamWriter(path);
    }

    public long Failed { get; private set; }

    public void Add(ImportFile file, ImportAnswer answer)
    {
        lock (_gate)
        {
            if (answer.Failure is not null)
            {
                Fail(file, answer.Failure);
                return;
            }
            _stored++;
            if (answer.Warning.Length > 0)
            {
                _warned++;
                Write(file, "warning", answer.Warning);
            }
        }
    }

    public void Add(FileKind kind, ImportFile file, string reason)
    {
        lock (_gate)
        {
            switch (kind)
            {
                case FileKind.Present:
                    _present++;
                    break;
                case FileKind.NotDicom:
                    _notDicom++;
                    Write(file, "skipped", reason);
                    break;
                case FileKind.Directory:
                    _directories++;
                    Write(file, "skipped", reason);
                    break;
                default:
                    Fail(file, reason);
                    break;
            }
        }
    }

    public void Summarise()
    {
        _terminal.Line($"stored              {_stored}{(_warned > 0 ? $" ({_warned} with a warning)" : "")}");
        _terminal.Line($"there already       {_present}");
        _terminal.Line($"skipped, not DICOM  {_notDicom}");
        _terminal.Line($"skipped, DICOMDIR   {_directories}");
        _terminal.Line($"failed              {Failed}");
        if (_path is null && Failed + _notDicom + _warned > 0)
        {
            _terminal.Line("(--report FILE lists every file that was not simply stored.)");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }
    }

    private void Fail(ImportFile file, string reason)
    {
        Failed++;
        if (Failed <= MaxPrinted)
        {
            _terminal.Error($"{file.Path}: {reason}");
        }
        else if (Failed == MaxPrinted + 1)
        {
            _terminal.Error("More failures are only counted.");
        }
        Write(file, "failed", reason);
    }

    private void Write(ImportFile file, string outcome, string reason) =>
        _file?.WriteLine($"{file.Path.ReplaceLineEndings(" ").Replace('\t', ' ')}\t{outcome}\t{reason.ReplaceLineEndings(" ").Replace('\t', ' ')}");
}
