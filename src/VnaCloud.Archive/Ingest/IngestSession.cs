using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>
/// Takes the instances of one request: each streams into the open pack of its study; packs are made durable and committed as they
/// close, at the latest at the end of the request. Nothing is said to be stored before its commit.
/// </summary>
public sealed class IngestSession : IAsyncDisposable
{
    // Everything up to and with Study Instance UID: then the pack is known (PS3.5 section 7.1, ascending tags).
    private static readonly DicomTag AfterStudyUid = new(0x0020_000E);

    private readonly Ingest _ingest;
    private readonly IngestSource _source;
    private readonly string? _expectedStudy;
    private readonly List<OpenPack> _open = [];
    private readonly List<Task<(OpenPack Pack, PackResult Result)>> _commits = [];
    private readonly List<StoreResult> _results = [];
    private readonly DicomReadOptions _readOptions;

    internal IngestSession(Ingest ingest, IngestSource source, string? expectedStudy)
    {
        _ingest = ingest;
        _source = source;
        _expectedStudy = expectedStudy;
        _readOptions = new DicomReadOptions
        {
            Limits = ingest.Options.ReadLimits,
            KeepBinary = ingest.Options.InlineLimit,
            KeepOther = ingest.Options.InlineTextLimit,
        };
    }

    /// <summary>A pack being filled, with the places of its members in the answer.</summary>
    private sealed record OpenPack(PackWriter Writer, DateTimeOffset OpenedAt)
    {
        public string? StudyUid { get; set; }

        public List<int> Results { get; } = [];
    }

    /// <summary>Instances offered so far.</summary>
    public int Count => _results.Count;

    /// <summary>Reads one instance to its end, or to where it stops being readable.</summary>
    /// <remarks>Failures of the instance are results; failures of the archive are exceptions, after which the session is only disposed.</remarks>
    public async Task AddAsync(ByteSource part, CancellationToken cancellation)
    {
        await ThrowFailedCommitAsync();
        OpenPack? pack = null;
        using var recording = new RecordingSource(part, _ingest.Options, async token => (pack = await OpenPackAsync(null, token)).Writer);
        await using var reader = new DicomReader(recording, _readOptions);
        StoreResult result;
        try
        {
            await reader.ReadFileMetaAsync(cancellation);
            await recording.BeginContentAsync(reader.TransferSyntax.Uid, cancellation);
            await reader.ReadDataSetAsync(AfterStudyUid, cancellation);
            if (pack is null)
            {
                pack = await PackOfAsync(InstanceInspector.Uid(reader.DataSet, DicomTags.StudyInstanceUID), cancellation);
                await recording.AttachAsync(pack.Writer, cancellation);
            }
            await reader.ReadDataSetAsync(cancellation);
            result = InstanceInspector.CheckIdentity(reader, _expectedStudy);
            if (result.Failure == FailureReason.None)
            {
                result = await KeepAsync(recording, reader, pack, result, cancellation);
                _results.Add(result);
                return;
            }
        }
        catch (DicomFormatException fault)
        {
            result = InstanceInspector.Unreadable(reader, fault);
        }
        catch (InstanceTooLargeException tooLarge)
        {
            result = InstanceInspector.Identify(reader) with { Failure = FailureReason.OutOfResources, Comment = tooLarge.Message };
        }
        _results.Add(result);
        await AbandonAsync(pack, cancellation);
    }

    /// <summary>Adds a result for a part that was not read as DICOM at all.</summary>
    public void Refuse(FailureReason reason, string comment) => Refuse(new StoreResult { Failure = reason, Comment = comment });

    /// <summary>Adds the result of an instance that could not even be put together.</summary>
    public void Refuse(StoreResult result) => _results.Add(result);

    /// <summary>Makes all that is open durable and visible, and gives the results in the order of the parts.</summary>
    public async Task<IReadOnlyList<StoreResult>> CompleteAsync(CancellationToken cancellation)
    {
        while (_open.Count > 1)
        {
            Close(_open[0], cancellation);
        }
        if (_open is [var last])
        {
            // Nothing is left to be read meanwhile: another thread would only have to be woken.
            _open.Clear();
            _commits.Add(CommitAsync(last, cancellation));
        }
        foreach (var (pack, result) in await Task.WhenAll(_commits))
        {
            for (var i = 0; i < pack.Results.Count; i++)
            {
                _results[pack.Results[i]] = Answer(_results[pack.Results[i]], result, i);
            }
        }
        return _results;
    }

    /// <summary>Takes back what was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        // A commit under way cannot be called back; it must not outlive the request that owns its results.
        await ((Task)Task.WhenAll(_commits)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var pack in _open)
        {
            await pack.Writer.DisposeAsync();
        }
    }

    private async ValueTask<OpenPack> PackOfAsync(string study, CancellationToken cancellation) =>
        study.Length > 0 && _open.Find(open => open.StudyUid == study) is { } pack ? pack
            : await OpenPackAsync(study.Length > 0 ? study : null, cancellation);

    // Null where the study is not known before the end of the instance.
    private async ValueTask<OpenPack> OpenPackAsync(string? study, CancellationToken cancellation)
    {
        await MakeRoomAsync(cancellation);
        var writer = await PackWriter.CreateAsync(_ingest.Store, _ingest.TenantKey, _ingest.Time, cancellation);
        var pack = new OpenPack(writer, _ingest.Time.GetUtcNow()) { StudyUid = study };
        _open.Add(pack);
        return pack;
    }

    // What follows a failure of the archive, such as a full disk, need not be read.
    private async ValueTask ThrowFailedCommitAsync()
    {
        if (_commits.Find(commit => commit.IsFaulted) is { } failed)
        {
            await failed;
        }
    }

    private async ValueTask<StoreResult> KeepAsync(RecordingSource recording, DicomReader reader, OpenPack pack, StoreResult result, CancellationToken cancellation)
    {
        var (file, content) = await recording.FinishAsync(cancellation);
        var frames = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
        result = InstanceInspector.AddWarnings(result, reader, frames);
        var facts = new InstanceFacts
        {
            Key = new InstanceKey(result.StudyUid, result.SeriesUid, result.SopUid),
            DataSet = reader.DataSet,
            Instance = AttributeReader.Instance(reader.DataSet, result, reader.TransferSyntax),
            Series = AttributeReader.Series(reader.DataSet),
            Study = AttributeReader.Study(reader.DataSet),
            Frames = frames,
            FileDigest = file,
            ContentDigest = content,
        };
        pack.StudyUid = result.StudyUid;
        await pack.Writer.EndMemberAsync(facts, _ingest.Options.InlineLimit, cancellation);
        pack.Results.Add(_results.Count);
        if (pack.Writer.Length >= _ingest.Options.PackBytes || pack.Writer.Count >= _ingest.Options.PackInstances
            || _open.Sum(open => open.Writer.Buffered) >= _ingest.Options.BufferedBytes
            || _ingest.Time.GetUtcNow() - pack.OpenedAt >= _ingest.Options.PackAge)
        {
            Close(pack, cancellation);
        }
        return result;
    }

    private async ValueTask AbandonAsync(OpenPack? pack, CancellationToken cancellation)
    {
        if (pack is null)
        {
            return;
        }
        if (pack.Writer.Count > 0)
        {
            await pack.Writer.AbandonMemberAsync(cancellation);
            return;
        }
        _open.Remove(pack);
        await pack.Writer.DisposeAsync();
    }

    private async ValueTask MakeRoomAsync(CancellationToken cancellation)
    {
        if (_open.Count >= _ingest.Options.OpenPacks)
        {
            Close(_open[0], cancellation);
        }
        // Packs on their way to the disk hold handles and buffers too.
        // Counted once: they end while they are looked at.
        while (_commits.FindAll(commit => !commit.IsCompleted) is var under && under.Count >= _ingest.Options.OpenPacks)
        {
            await Task.WhenAny(under).WaitAsync(cancellation);
        }
    }

    private void Close(OpenPack pack, CancellationToken cancellation)
    {
        _open.Remove(pack);
        _commits.Add(Task.Run(() => CommitAsync(pack, cancellation), CancellationToken.None));
    }

    private async Task<(OpenPack Pack, PackResult Result)> CommitAsync(OpenPack pack, CancellationToken cancellation)
    {
        await using var writer = pack.Writer;
        var commit = await WriteAsync(pack, writer, cancellation);
        using var activity = ArchiveActivity.Source.StartActivity("index commit");
        try
        {
            return (pack, await _ingest.Lanes.CommitAsync(commit));
        }
        catch (Exception failure)
        {
            activity.Fail(failure);
            throw;
        }
    }

    private async Task<PackCommit> WriteAsync(OpenPack pack, PackWriter writer, CancellationToken cancellation)
    {
        using var activity = ArchiveActivity.Source.StartActivity("pack write");
        try
        {
            var commit = await writer.FinishAsync(pack.StudyUid!, _source, _ingest.Options.InlineLimit, TenantId.Default, cancellation);
            IngestMeter.Written(commit);
            activity?.SetTag("vna.object.key", commit.PackKey).SetTag("vna.object.size", commit.PackLength).SetTag("vna.instances", commit.Members.Count);
            return commit;
        }
        catch (Exception failure)
        {
            activity.Fail(failure);
            throw;
        }
    }

    private static StoreResult Answer(StoreResult result, PackResult pack, int ordinal)
    {
        if (pack.Refused is { } refused)
        {
            return result with { Failure = FailureReason.ProcessingFailure, Warning = WarningReason.None, Comment = refused };
        }
        return pack.Outcomes[ordinal] switch
        {
            MemberOutcome.Conflict => result with
            {
                Failure = FailureReason.DuplicateSopInstance,
                Warning = WarningReason.None,
                Comment = "Another instance with these UIDs and different content is stored; it stays as it is.",
            },
            MemberOutcome.Stored when pack.SopElsewhere.Contains(ordinal) && result.Warning == WarningReason.None => result with
            {
                Warning = WarningReason.DataSetMismatch,
                Comment = "The SOP Instance UID is also in use in another series or study.",
            },
            _ => result,
        };
    }
}
