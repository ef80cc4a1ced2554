using System.Runtime.CompilerServices;
using System.Threading.Channels;
using VnaCloud.Dicom;
using VnaCloud.DicomWeb;
using VnaCloud.Dimse;

namespace VnaCloud.Gateway.Scp.Retrieve;

/// <summary>An instance that is here, at the beginning of its data set and in the encoding of a context; or why it is not.</summary>
internal sealed record FetchedInstance(RetrieveTarget Target, PresentationContext? Context, Stream? DataSet, string Problem) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => DataSet?.DisposeAsync() ?? default;
}

/// <summary>
/// Gets instances ahead of their sending, some at once and in their order: over a WAN one after the other would wait for each round trip.
/// They are kept in temporary files, so that neither their size nor a slow destination takes memory.
/// </summary>
internal sealed class InstanceFetcher(DicomWebClient archive)
{
    /// <summary>Instances on their way or waiting to be sent.</summary>
    public const int Ahead = 6;

    // A deflated data set of odd length ends with a NUL (PS3.5 A.5). Some writers leave it out, and some receivers abort without it.
    private static readonly byte[] Padding = [0];

    private static readonly string Explicit = TransferSyntax.ExplicitVrLittleEndian.Uid;
    private static readonly string Implicit = TransferSyntax.ImplicitVrLittleEndian.Uid;

    /// <summary>The instances in the order of the targets; each is to be disposed.</summary>
    public async IAsyncEnumerable<FetchedInstance> FetchAsync(
        IReadOnlyList<RetrieveTarget> targets, Func<string, string?, PresentationContext?> contexts, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ahead = Channel.CreateBounded<Task<FetchedInstance>>(Ahead - 1);
        var filling = FillAsync(ahead.Writer, targets, contexts, stop.Token);
        try
        {
            await foreach (var fetched in ahead.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return await fetched;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await filling;
            while (ahead.Reader.TryRead(out var unused))
            {
                await (await unused).DisposeAsync();
            }
        }
    }

    private async Task FillAsync(ChannelWriter<Task<FetchedInstance>> ahead, IReadOnlyList<RetrieveTarget> targets, Func<string, string?, PresentationContext?> contexts, CancellationToken stop)
    {
        foreach (var target in targets)
        {
            if (!await CanWriteAsync(ahead, stop))
            {
                break;
            }
            ahead.TryWrite(FetchAsync(target, contexts, stop));
        }
        ahead.Complete();
    }

    private static async Task<bool> CanWriteAsync(ChannelWriter<Task<FetchedInstance>> ahead, CancellationToken stop)
    {
        try
        {
            return await ahead.WaitToWriteAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Never fails: what goes wrong with one instance is that one's failed sub-operation.
    private async Task<FetchedInstance> FetchAsync(RetrieveTarget target, Func<string, string?, PresentationContext?> contexts, CancellationToken cancellation)
    {
        Stream? file = null;
        try
        {
            var stored = target.TransferSyntaxUid.Length > 0 ? contexts(target.SopClassUid, target.TransferSyntaxUid) : null;
            var context = stored ?? contexts(target.SopClassUid, Explicit) ?? contexts(target.SopClassUid, Implicit);
            if (context is null)
            {
                return Failed(target, "The destination takes neither this SOP class as it is stored nor uncompressed");
            }
            file = await OpenAsync(target, stored is null ? Explicit : "*", cancellation);
            var dataSet = await EncodedAsync(file, context.TransferSyntax, cancellation);
            file = null;
            return new FetchedInstance(target, context, dataSet, "");
        }
        catch (Exception failure) when (failure is DicomWebException or DicomFormatException or IOException or OperationCanceledException or UnauthorizedAccessException)
        {
            return Failed(target, failure.Message);
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
    }

    private static FetchedInstance Failed(RetrieveTarget target, string problem) => new(target, null, null, problem);

    private async Task<Stream> OpenAsync(RetrieveTarget target, string transferSyntax, CancellationToken cancellation)
    {
        if (target.LocalPath is { } path && (transferSyntax == "*" || target.TransferSyntaxUid == transferSyntax || target.TransferSyntaxUid == Implicit))
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        await using var parts = (await archive.RetrieveAsync(new DicomPath(target.StudyUid, target.SeriesUid, target.SopUid), transferSyntax, cancellation)).Require();
        var part = await parts.ReadAsync(cancellation) ?? throw new DicomWebException(new WebError(WebFault.Malformed, "The answer has no instance."));
        var file = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        try
        {
            await part.Content.CopyToAsync(file, 256 * 1024, cancellation);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    // The file, at its data set; or that data set in the other of the two plain encodings.
    private static async Task<Stream> EncodedAsync(Stream file, string transferSyntax, CancellationToken cancellation)
    {
        using var source = new StreamSource(file);
        await using var reader = new DicomReader(source, new DicomReadOptions { KeepBinary = 1024, KeepOther = 64 * 1024 });
        await reader.ReadFileMetaAsync(cancellation);
        if (reader.TransferSyntax.Uid == transferSyntax)
        {
            file.Position = reader.DataSetOffset;
            var length = file.Length - file.Position;
            return reader.TransferSyntax.IsDeflated && length % 2 == 1 ? new PiecesStream(file, [new(default, file.Position, length, 0), new(Padding, 0, 0, 0)]) : file;
        }
        await reader.ReadDataSetAsync(cancellation);
        return reader.TransferSyntax.IsEncapsulated || reader.TransferSyntax.IsDeflated
            ? throw new DicomWebException(new WebError(WebFault.MediaType, "The archive gave another transfer syntax than it was asked for."))
            : new PiecesStream(file, DicomWriter.EncodeDataSet(reader.DataSet, TransferSyntax.Get(transferSyntax)));
    }
}
