namespace VnaCloud.Dicom;

/// <summary>
/// Reads a PS3.10 file, or a bare data set, forward and once, out of a <see cref="ByteSource"/>. Memory grows with the bytes that
/// arrive, never with a declared length; nesting costs no call stack. First <see cref="ReadFileMetaAsync"/>, then
/// <see cref="ReadDataSetAsync(CancellationToken)"/>; after a <see cref="DicomFormatException"/> the elements read so far stand in <see cref="DataSet"/>.
/// </summary>
public sealed partial class DicomReader : IAsyncDisposable
{
    private const int PreambleLength = 128;
    private readonly DicomReadOptions _options;
    private readonly DicomReadLimits _limits;
    private readonly ByteSource _file;
    private ByteSource _source;
    private InflateSource? _inflate;
    private long _base;

    /// <summary>Prepares to read <paramref name="source"/> from where it stands.</summary>
    public DicomReader(ByteSource source, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        _options = options ?? DicomReadOptions.Default;
        _limits = _options.Limits;
        _file = _source = source;
        _base = -source.Position;
        DataSet = new DicomDataSet();
    }

    /// <summary>Prepares to read a bare data set, as in a DIMSE message, whose transfer syntax was agreed on elsewhere.</summary>
    public DicomReader(ByteSource source, TransferSyntax syntax, DicomReadOptions? options = null)
        : this(source, options)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        TransferSyntax = syntax;
    }

    /// <summary>Group 0002 (PS3.10 section 7.1); empty when the file has none.</summary>
    public DicomDataSet FileMeta { get; } = new();

    /// <summary>The transfer syntax of the data set, known after <see cref="ReadFileMetaAsync"/>.</summary>
    public TransferSyntax TransferSyntax { get; private set; } = TransferSyntax.ExplicitVrLittleEndian;

    /// <summary>The data set, as far as it was read.</summary>
    public DicomDataSet DataSet { get; }

    /// <summary>Bytes before the data set: preamble, prefix and File Meta Information.</summary>
    public long DataSetOffset { get; private set; }

    /// <summary>What was met and got over.</summary>
    public DicomReadWarnings Warnings { get; private set; }

    private long Position => _base + _source.Position;

    /// <summary>Reads all of a file.</summary>
    /// <exception cref="DicomFormatException">The bytes are not DICOM, end early, or pass a limit.</exception>
    public static async ValueTask<DicomReader> ReadAsync(ByteSource source, DicomReadOptions? options = null, CancellationToken cancellation = default)
    {
        var reader = new DicomReader(source, options);
        await using (reader)
        {
            await reader.ReadFileMetaAsync(cancellation);
            await reader.ReadDataSetAsync(cancellation);
            return reader;
        }
    }

    /// <summary>Reads preamble, prefix and File Meta Information (PS3.10 section 7.1), and finds the transfer syntax.</summary>
    public async ValueTask ReadFileMetaAsync(CancellationToken cancellation)
    {
        await EnsureAsync(PreambleLength + 4, cancellation);
        var window = _source.Window.Span;
        if (window.Length >= PreambleLength + 4 && window[PreambleLength..].StartsWith("DICM"u8))
        {
            _source.Advance(PreambleLength + 4);
        }
        else if (window.StartsWith("DICM"u8))
        {
            Warnings |= DicomReadWarnings.MissingPreamble;
            _source.Advance(4);
        }
        else if (LooksLikeFileMeta(window))
        {
            Warnings |= DicomReadWarnings.MissingPreamble;
        }
        else
        {
            GuessBareDataSet(window);
            return;
        }
        await ReadFileMetaElementsAsync(cancellation);
        DataSetOffset = Position;
        var uid = FileMeta.String(DicomTags.TransferSyntaxUID);
        if (uid.Length == 0)
        {
            throw Fault(DicomFault.Malformed, "The File Meta Information has no Transfer Syntax UID", DicomTags.TransferSyntaxUID);
        }
        TransferSyntax = TransferSyntax.Get(uid);
    }

    /// <summary>Reads the data set to the end of the source.</summary>
    public async ValueTask ReadDataSetAsync(CancellationToken cancellation)
    {
        await ReadDataSetAsync(null, cancellation);
    }

    /// <summary>
    /// Reads the data set up to and without the first top-level element whose tag is not below <paramref name="stopBefore"/>; a
    /// further call goes on from there.
    /// </summary>
    /// <returns>Whether it stopped there: false at the end of the data set.</returns>
    public async ValueTask<bool> ReadDataSetAsync(DicomTag? stopBefore, CancellationToken cancellation)
    {
        if (TransferSyntax.IsDeflated && _inflate is null)
        {
            _inflate = await InflateSource.OpenAsync(_file, DataSetOffset, _limits, cancellation);
            Warnings |= _inflate.HasZlibWrapper ? DicomReadWarnings.ZlibWrapper : DicomReadWarnings.None;
            _source = _inflate;
            _base = DataSetOffset;
        }
        if (await ReadElementsAsync(stopBefore, cancellation))
        {
            return true;
        }
        if (_inflate is not null)
        {
            await _inflate.RequireEndAsync(cancellation);
        }
        return false;
    }

    /// <summary>Gives back the buffers of a deflated data set; the source stays the caller's.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_inflate is not null)
        {
            await _inflate.DisposeAsync();
        }
    }

    // A group 0002 element in explicit VR little endian, or in implicit VR as some old writers left it.
    private static bool LooksLikeFileMeta(ReadOnlySpan<byte> window) => window.Length >= 8 && window[0] == 2 && window[1] == 0 && window[3] == 0;

    private void GuessBareDataSet(ReadOnlySpan<byte> window)
    {
        Warnings |= DicomReadWarnings.MissingPreamble | DicomReadWarnings.MissingFileMeta;
        // Anything shorter may be the beginning of a preamble, and none of it would identify an instance.
        if (window.Length < PreambleLength + 4)
        {
            throw Fault(window.Length == 0 ? DicomFault.Truncated : DicomFault.Malformed, "This is not DICOM: neither preamble, File Meta Information nor a first element");
        }
        var explicitVr = ((DicomVr)(window[4] << 8 | window[5])).IsKnown();
        var bigEndian = window[0] == 0 && window[1] != 0;
        // A data set begins with a low group; anything else is not DICOM, and no element-sized garbage should be walked.
        var group = bigEndian ? window[1] : window[0] | window[1] << 8;
        if (group is 0 or > 0x20 || (bigEndian && !explicitVr))
        {
            throw Fault(DicomFault.Malformed, "This is not DICOM: neither preamble, File Meta Information nor a first element");
        }
        TransferSyntax = bigEndian ? TransferSyntax.ExplicitVrBigEndian
            : explicitVr ? TransferSyntax.ExplicitVrLittleEndian : TransferSyntax.ImplicitVrLittleEndian;
    }

    private async ValueTask ReadFileMetaElementsAsync(CancellationToken cancellation)
    {
        var start = Position;
        long? declaredEnd = null;
        while (await EnsureAsync(8, cancellation) && _source.Window.Span is [2, 0, ..])
        {
            if (FileMeta.Count >= _limits.FileMetaElements)
            {
                throw Fault(DicomFault.LimitExceeded, $"More than {_limits.FileMetaElements} elements of File Meta Information");
            }
            await EnsureAsync(12, cancellation);
            var header = ParseFileMetaHeader();
            if (header.Length > _limits.FileMetaBytes || Position + header.Length - start > _limits.FileMetaBytes)
            {
                throw Fault(DicomFault.LimitExceeded, $"File Meta Information is longer than {_limits.FileMetaBytes} bytes", header.Tag);
            }
            _source.Advance(header.HeaderLength);
            var offset = Position;
            var value = await TakeAsync(header.Length, header.Tag, cancellation);
            var element = new DicomElement(header.Tag, header.Vr, value) { Offset = offset };
            if (header.Tag.Element == 0 && value.Length == 4)
            {
                declaredEnd = Position + DicomNumber.Integer(value.Span, DicomVr.UL, false);
            }
            else if (!FileMeta.TryAdd(element))
            {
                Warnings |= DicomReadWarnings.RepeatedElement;
            }
        }
        // The group length is advice: what ends the group is the first element of another group.
        if (declaredEnd is { } end && end != Position)
        {
            Warnings |= DicomReadWarnings.WrongMetaLength;
        }
    }

    private ElementHeader ParseFileMetaHeader()
    {
        var window = _source.Window.Span;
        if (((DicomVr)(window[4] << 8 | window[5])).IsKnown())
        {
            return ParseHeader(window, implicitVr: false, bigEndian: false);
        }
        Warnings |= DicomReadWarnings.ImplicitFileMeta;
        var header = ParseHeader(window, implicitVr: true, bigEndian: false);
        return header with { Vr = DicomDictionary.VrOf(header.Tag, null) };
    }

    private DicomFormatException Fault(DicomFault fault, string message, DicomTag? tag = null) => new(fault, message, Position, tag);
}
