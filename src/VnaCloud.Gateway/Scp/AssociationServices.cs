using VnaCloud.Dimse;
using VnaCloud.Gateway.Remotes;

namespace VnaCloud.Gateway.Scp;

/// <summary>Which service answers which operation. What a peer may not do is refused here again: an association that may query may propose storage for C-GET.</summary>
internal sealed class AssociationServices(StoreService store, FindService find, MoveService move, GetService get, CommitmentService commitment)
{
    /// <summary>The handler for an association of a peer.</summary>
    public DimseHandler Of(RemoteAe remote) => (request, cancellation) => AnswerAsync(remote, request, cancellation);

    private Task<DimseResponse> AnswerAsync(RemoteAe remote, DimseRequest request, CancellationToken cancellation) => request.Field switch
    {
        CommandField.CEchoRequest => Task.FromResult(DimseResponse.Success),
        CommandField.CStoreRequest when !remote.MayStore => Refused("This application entity may not store"),
        CommandField.CStoreRequest => store.StoreAsync(request, cancellation),
        CommandField.CFindRequest or CommandField.CMoveRequest or CommandField.CGetRequest => QueryAsync(remote, request, cancellation),
        CommandField.NActionRequest => commitment.ActionAsync(remote, request),
        _ => Task.FromResult(new DimseResponse(DimseStatus.UnrecognizedOperation)),
    };

    private Task<DimseResponse> QueryAsync(RemoteAe remote, DimseRequest request, CancellationToken cancellation) => (SopClasses.Query(request.Context.AbstractSyntax)?.Operation, request.Field) switch
    {
        _ when !remote.MayQuery => Refused("This application entity may not query"),
        (QueryOperation.Find, CommandField.CFindRequest) => find.FindAsync(remote, request, cancellation),
        (QueryOperation.Move, CommandField.CMoveRequest) => move.MoveAsync(request, cancellation),
        (QueryOperation.Get, CommandField.CGetRequest) => get.GetAsync(request, cancellation),
        _ => Task.FromResult(new DimseResponse(DimseStatus.SopClassNotSupported, "The SOP class of this context has another operation")),
    };

    private static Task<DimseResponse> Refused(string why) => Task.FromResult(new DimseResponse(DimseStatus.NotAuthorized, why));
}
