using VnaCloud.Dicom;
using VnaCloud.Dimse;

namespace VnaCloud.Gateway.Scp.Retrieve;

/// <summary>
/// The C-STORE sub-operations of one C-MOVE or C-GET (PS3.4 C.4.2.2 and C.4.3.2): counts them, says now and then how far it is, and makes the final response.
/// </summary>
internal sealed class SubOperationRun(DimseRequest request, int total, TimeProvider time)
{
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(2);

    private readonly List<string> _failed = [];
    private readonly HashSet<RetrieveTarget> _done = [];
    private int _completed;
    private int _warnings;
    private long _said = time.GetTimestamp();
    private string _problem = "";

    private int Remaining => total - _completed - _warnings - _failed.Count;

    /// <summary>Sends what comes, one after the other; what cannot be fetched or is not taken is a failed sub-operation.</summary>
    /// <param name="instances">What to send.</param>
    /// <param name="store">Sends one, to its end: half an object would end the association.</param>
    /// <param name="cancellation">C-CANCEL, or the end of the request's association: seen between two instances.</param>
    /// <exception cref="AssociationException">The association that instances are sent over ended, or that of the request.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task SendAsync(IAsyncEnumerable<FetchedInstance> instances, Func<FetchedInstance, Task<DimseStatus>> store, CancellationToken cancellation)
    {
        await SayAsync();
        await foreach (var instance in instances)
        {
            await using (instance)
            {
                cancellation.ThrowIfCancellationRequested();
                var status = instance.DataSet is null ? DimseStatus.ProcessingFailure : await store(instance);
                Count(instance.Target, status, instance.DataSet is null ? instance.Problem : $"C-STORE was answered with {status}");
            }
            if (time.GetElapsedTime(_said) >= SayEvery)
            {
                await SayAsync();
            }
        }
    }

    /// <summary>Nothing more can be sent: what was not has failed.</summary>
    public void FailRest(IEnumerable<RetrieveTarget> targets) => _failed.AddRange(targets.Where(target => !_done.Contains(target)).Select(target => target.SopUid));

    /// <summary>The final response: 0000H, B000H, A702H where all failed, FE00H after a cancel. It says why the first one failed, or what ended all.</summary>
    public DimseResponse End(bool cancelled, string problem = "") =>
        new(cancelled ? DimseStatus.Cancel
            : _failed.Count == 0 && _warnings == 0 ? DimseStatus.Success
            : total > 0 && _failed.Count == total ? DimseStatus.CannotPerformSubOperations
            : DimseStatus.CoercionOrSubOperationsFailed)
        {
            SubOperations = Numbers(cancelled),
            ErrorComment = Comment(problem.Length > 0 ? problem : _problem),
            DataSet = _failed.Count == 0 ? null : new DicomDataSet().Set(DicomTags.FailedSOPInstanceUIDList, DicomVr.UI, _failed),
        };

    private static string Comment(string problem) => problem.Length <= DimseResponse.MaxErrorComment ? problem : problem[..DimseResponse.MaxErrorComment];

    private void Count(RetrieveTarget target, DimseStatus status, string problem)
    {
        _done.Add(target);
        if (status.IsSuccess)
        {
            _completed++;
        }
        else if (status.IsWarning)
        {
            _warnings++;
        }
        else
        {
            _failed.Add(target.SopUid);
            _problem = _problem.Length > 0 ? _problem : problem;
        }
    }

    private async Task SayAsync()
    {
        _said = time.GetTimestamp();
        await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { SubOperations = Numbers(withRemaining: true) });
    }

    private SubOperations Numbers(bool withRemaining) =>
        new(withRemaining ? (ushort)Remaining : null, (ushort)_completed, (ushort)_failed.Count, (ushort)_warnings);
}
