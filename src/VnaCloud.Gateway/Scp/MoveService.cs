using VnaCloud.Dimse;
using VnaCloud.Gateway.Remotes;
using VnaCloud.Gateway.Scp.Retrieve;

namespace VnaCloud.Gateway.Scp;

/// <summary>C-MOVE (PS3.4 C.4.2): instances of the archive, and of the spool, to an application entity of the table and nobody else.</summary>
internal sealed partial class MoveService(TargetFinder finder, InstanceFetcher fetcher, RemoteAes remotes, Destinations destinations, TimeProvider time, ILogger<MoveService> logger)
{
    // A destination that ends its association with so many instances of one C-MOVE is left alone.
    private const int MaxLosses = 3;

    public async Task<DimseResponse> MoveAsync(DimseRequest request, CancellationToken cancellation)
    {
        var identifier = await request.ReadDataSetAsync();
        var destination = remotes.Destination(request.Command.MoveDestination);
        if (destination is null)
        {
            Log.Unknown(logger, request.Association.CallingAeTitle, request.Command.MoveDestination);
            return new DimseResponse(DimseStatus.MoveDestinationUnknown, "Not among Gateway:RemoteAes, or without host");
        }
        var (targets, refusal) = await finder.FindAsync(request, identifier, cancellation);
        if (targets is null)
        {
            return refusal!;
        }
        var run = new SubOperationRun(request, fetcher, targets.Count, time);
        var (cancelled, problem) = (false, "");
        try
        {
            foreach (var group in Destinations.Groups(targets))
            {
                await SendAsync(request, run, destination, group, cancellation);
            }
        }
        catch (OperationCanceledException) when (request.IsCancelRequested)
        {
            cancelled = true;
        }
        catch (AssociationException lost)
        {
            problem = $"{destination.AeTitle}: {lost.Message}";
            run.FailRest(targets);
        }
        var response = run.End(cancelled, problem);
        Log.Moved(logger, request.Association.CallingAeTitle, destination.AeTitle, targets.Count, response.Status, response.ErrorComment);
        return response;
    }

    private async Task SendAsync(DimseRequest request, SubOperationRun run, RemoteAe destination, IReadOnlyList<RetrieveTarget> targets, CancellationToken cancellation)
    {
        var originator = new MoveOriginator(request.Association.CallingAeTitle, request.Command.MessageId);
        for (var left = targets; left.Count > 0; left = run.Left(targets))
        {
            await using var association = await destinations.ForStorageAsync(destination, left, cancellation);
            if (await run.SendAsync(left, association, originator, cancellation))
            {
                await association.ReleaseAsync();
            }
            else if (run.Lost is { } lost && run.Losses >= MaxLosses)
            {
                throw lost;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4211, LogLevel.Information, "C-MOVE of {RemoteAe} to {Destination}: {Count} instances, status {Status} {Problem}")]
        public static partial void Moved(ILogger logger, string remoteAe, string destination, int count, DimseStatus status, string problem);

        [LoggerMessage(4212, LogLevel.Warning, "C-MOVE of {RemoteAe} to {Destination}, which is not a destination")]
        public static partial void Unknown(ILogger logger, string remoteAe, string destination);
    }
}
