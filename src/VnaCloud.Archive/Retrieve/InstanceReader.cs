using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Reads the header of a stored instance again, where the index does not say enough: nested bulk data, other encodings.</summary>
public sealed class InstanceReader(IObjectStore store)
{
    // Not longer than what ingest kept (IngestOptions.InlineLimit): what passed the reader's limits then must pass them again.
    private static readonly DicomReadOptions Options = new() { KeepBinary = 1024, KeepOther = 4096 };

    /// <summary>Reads the instance; bulk values are only located. Offsets count from the instance's first byte.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="stopBefore">Stops before this top-level tag; null reads all.</param>
    /// <param name="cancellation">Stops the reads.</param>
    /// <param name="options">What values are kept; short ones by default.</param>
    public async ValueTask<DicomReader> ReadAsync(InstanceEntry instance, DicomTag? stopBefore, CancellationToken cancellation, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(instance);
        using var source = new ObjectSource(store, instance.Data);
        var reader = new DicomReader(source, options ?? Options);
        await using (reader)
        {
            await reader.ReadFileMetaAsync(cancellation);
            await reader.ReadDataSetAsync(stopBefore, cancellation);
        }
        return reader;
    }

    /// <summary>A range of the instance's bytes, inflated where the data set is deflated.</summary>
    public Payload Range(InstanceEntry instance, DicomReader reader, long offset, long length)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(reader);
        return reader.TransferSyntax.IsDeflated
            ? new InflatedPayload(store, instance.Data, reader.DataSetOffset, offset, length)
            : Stored(instance, offset, length);
    }

    /// <summary>A range of the instance's stored bytes.</summary>
    public Payload Stored(InstanceEntry instance, long offset, long length)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return offset >= 0 && length >= 0 && offset <= instance.Data.Length - length
            ? new StoredPayload(store, instance.Data with { Offset = instance.Data.Offset + offset, Length = length })
            : throw new TruncatedObjectException(instance.Data.PackKey);
    }

    /// <summary>The whole instance as Explicit VR Little Endian; its syntax is native or deflated.</summary>
    public async ValueTask<Payload> ToExplicitLittleEndianAsync(InstanceEntry instance, CancellationToken cancellation)
    {
        var reader = await ReadAsync(instance, null, cancellation);
        var pieces = DicomWriter.EncodeFile(reader.FileMeta, reader.DataSet, TransferSyntax.ExplicitVrLittleEndian);
        return new JoinedPayload([.. pieces.Select(piece =>
        {
            if (piece.SourceLength == 0)
            {
                return new BytesPayload(piece.Bytes);
            }
            var range = Range(instance, reader, piece.SourceOffset, piece.SourceLength);
            return piece.SwapUnit > 1 ? new SwappedPayload(range, piece.SwapUnit) : range;
        })]);
    }

    /// <summary>Finds an element, and the data set or item that it is in, by the path of a BulkDataURI: tag, or sequence tag, item index, tag and so on.</summary>
    public static (DicomElement Element, DicomDataSet Within)? Find(DicomDataSet dataSet, IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        for (var i = 0; i < path.Count; i += 2)
        {
            if (!DicomTag.TryParseHex(path[i], out var tag) || dataSet[tag] is not { } found)
            {
                return null;
            }
            if (i + 1 == path.Count)
            {
                return (found, dataSet);
            }
            if (found.Items is not { } items || !int.TryParse(path[i + 1], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index) || index >= items.Count)
            {
                return null;
            }
            dataSet = items[index];
        }
        return null;
    }
}
