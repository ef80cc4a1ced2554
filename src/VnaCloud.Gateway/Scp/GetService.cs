using VnaCloud.Dimse;
using VnaCloud.Gateway.Scp.Retrieve;

namespace VnaCloud.Gateway.Scp;

/// <summary>C-GET (PS3.4 C.4.3): as C-MOVE, over the association of the request, where the peer took the role of SCP for the storage classes.</summary>
internal sealed partial class GetService(TargetFinder finder, InstanceFetcher fetcher, TimeProvider time, ILogger<GetService> logger)
{
    public async Task<DimseResponse> GetAsync(DimseRequest request, CancellationToken cancellation)
    {
        var identifier = await request.ReadDataSetAsync();
        var (targets, refusal) = await finder.FindAsync(request, identifier, cancellation);
        if (targets is null)
        {
            return refusal!;
        }
        var run = new SubOperationRun(request, fetcher, targets.Count, time);
        var cancelled = false;
        try
        {
            await run.SendAsync(targets, request.Association, originator: null, cancellation);
        }
        catch (OperationCanceledException) when (request.IsCancelRequested)
        {
            cancelled = true;
        }
        var response = run.End(cancelled);
        Log.Got(logger, request.Association.CallingAeTitle, targets.Count, response.Status, response.ErrorComment);
        return response;
    }

    private static partial class Log
    {
        [LoggerMessage(4221, LogLevel.Information, "C-GET of {RemoteAe}: {Count} instances, status {Status} {Problem}")]
        public static partial void Got(ILogger logger, string remoteAe, int count, DimseStatus status, string problem);
    }
}
