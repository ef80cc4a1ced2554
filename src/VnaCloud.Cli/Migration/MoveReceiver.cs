using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using VnaCloud.Dicom;
using VnaCloud.Dimse;

namespace VnaCloud.Cli.Migration;

/// <summary>The destination of the C-MOVEs of a migration: takes by C-STORE what is expected, and nothing else.</summary>
internal sealed class MoveReceiver : IAsyncDisposable
{
    private readonly DimseListener _listener;
    private readonly ConcurrentDictionary<string, Wanted> _wanted = new(StringComparer.Ordinal);

    private MoveReceiver(string aeTitle, IPEndPoint address)
    {
        AeTitle = aeTitle;
        _listener = new DimseListener(new DimseListenerOptions { Address = address.Address, Port = address.Port }, DecideAsync);
    }

    public string AeTitle { get; }

    public int Port => _listener.LocalEndPoint.Port;

    /// <summary>Listens.</summary>
    /// <exception cref="CommandException">The port cannot be had.</exception>
    public static MoveReceiver Start(string aeTitle, IPEndPoint address)
    {
        var receiver = new MoveReceiver(aeTitle, address);
        try
        {
            receiver._listener.Start();
            return receiver;
        }
        catch (SocketException taken)
        {
            throw new CommandException($"{address} cannot be listened at ({taken.Message}): name an address of this machine and a free port with --listen.");
        }
    }

    /// <summary>Takes these instances until it is disposed.</summary>
    /// <param name="sopUids">SOP Instance UIDs.</param>
    /// <param name="folder">Where their files go.</param>
    /// <param name="arrived">Called with the path of each file that is whole.</param>
    public IDisposable Expect(IReadOnlyList<string> sopUids, string folder, Action<string> arrived)
    {
        var wanted = new Wanted(folder, arrived);
        foreach (var uid in sopUids)
        {
            _wanted[uid] = wanted;
        }
        return new Expectation(() =>
        {
            foreach (var uid in sopUids)
            {
                _wanted.TryRemove(new(uid, wanted));
            }
        });
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private ValueTask<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken cancellation) =>
        new(offer.Request.CalledAeTitle != AeTitle ? AssociateReject.CalledAeNotRecognized : new AssociationAcceptance(StoreAsync, Choose));

    // As it is stored, as far as the source offers it so. Private classes are an archive's, too.
    private static ContextChoice Choose(ProposedContext context) =>
        ContextChoice.Prefer(context, context.AbstractSyntax == DimseAssociation.Verification ? StorageClasses.PlainSyntaxes : StorageClasses.Syntaxes);

    private async Task<DimseResponse> StoreAsync(DimseRequest request, CancellationToken cancellation)
    {
        if (request.Field == CommandField.CEchoRequest)
        {
            return DimseResponse.Success;
        }
        if (request.Field != CommandField.CStoreRequest)
        {
            return new DimseResponse(DimseStatus.UnrecognizedOperation);
        }
        var (sop, association) = (request.Command.SopInstanceUid, request.Association);
        if (!_wanted.TryGetValue(sop, out var wanted))
        {
            return new DimseResponse(DimseStatus.NotAuthorized, "Not asked for");
        }
        var meta = ReceivedFileMeta.Encode(new StoreInstance(request.Command.SopClassUid, sop), request.Context.TransferSyntax, association.CallingAeTitle, association.CalledAeTitle);
        await using var file = new FileOfDataSet(meta, request.Data);
        wanted.Arrived(await InstanceFile.WriteAsync(file, wanted.Folder, cancellation));
        return DimseResponse.Success;
    }

    private sealed record Wanted(string Folder, Action<string> Arrived);

    private sealed class Expectation(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}

/// <summary>A file of a data set that arrives.</summary>
/// <param name="head">Preamble, prefix and File Meta Information (PS3.10 section 7.1).</param>
/// <param name="data">The data set.</param>
internal sealed class FileOfDataSet(byte[] head, Stream data) : ReadOnlyStream(data)
{
    private int _at;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_at == head.Length)
        {
            return await Body.ReadAsync(buffer, cancellationToken);
        }
        var count = Math.Min(buffer.Length, head.Length - _at);
        head.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }
}
