using VnaCloud.Dicom;
using VnaCloud.Dimse;

namespace VnaCloud.Gateway.Scp.Retrieve;

/// <summary>
/// The C-STORE sub-operations of one C-MOVE or C-GET (PS3.4 C.4.2.2 and C.4.3.2): counts them, says now and then how far it is, and makes the final response.
/// </summary>
internal sealed class SubOperationRun(DimseRequest request, InstanceFetcher fetcher, int total, TimeProvider time)
{
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(2);

    private readonly List<string> _failed = [];
    private readonly HashSet<RetrieveTarget> _done = [];
    private int _completed;
    private int _warnings;
    private long _said = time.GetTimestamp();
    private string _problem = "";

    /// <summary>How a destination's association ended last, before all was sent.</summary>
    public AssociationException? Lost { get; private set; }

    /// <summary>Associations that destinations ended so.</summary>
    public int Losses { get; private set; }

    private int Remaining => total - _completed - _warnings - _failed.Count;

    /// <summary>Fetches and sends one after the other; what cannot be fetched or is not taken is a failed sub-operation.</summary>
    /// <param name="targets">What to send.</param>
    /// <param name="association">Over which: that of the request for C-GET, one to the destination for C-MOVE.</param>
    /// <param name="originator">Who asked for the C-MOVE; null for C-GET.</param>
    /// <param name="cancellation">C-CANCEL, or the end of the request's association: seen between two instances.</param>
    /// <returns>False when a destination ended its association: the instance on the way has failed, <see cref="Left"/> may go over another.</returns>
    /// <exception cref="AssociationException">The association of the request ended.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<bool> SendAsync(IReadOnlyList<RetrieveTarget> targets, DimseAssociation association, MoveOriginator? originator, CancellationToken cancellation)
    {
        await SayAsync();
        await foreach (var instance in fetcher.FetchAsync(targets, association.FindContext, cancellation))
        {
            await using (instance)
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    var status = instance.DataSet is null ? DimseStatus.ProcessingFailure : await StoreAsync(instance, association, originator);
                    Count(instance.Target, status, instance.DataSet is null ? instance.Problem : $"C-STORE was answered with {status}");
                }
                catch (AssociationException lost) when (originator is not null)
                {
                    // Perhaps of this very instance: it is not tried again.
                    Count(instance.Target, DimseStatus.ProcessingFailure, lost.Message);
                    (Lost, Losses) = (lost, Losses + 1);
                    return false;
                }
            }
            if (time.GetElapsedTime(_said) >= SayEvery)
            {
                await SayAsync();
            }
        }
        return true;
    }

    /// <summary>Those that were neither sent nor have failed.</summary>
    public IReadOnlyList<RetrieveTarget> Left(IEnumerable<RetrieveTarget> targets) => [.. targets.Where(target => !_done.Contains(target))];

    // To its end, also when cancelled: half an object would end the association.
    private async Task<DimseStatus> StoreAsync(FetchedInstance instance, DimseAssociation association, MoveOriginator? originator)
    {
        var stored = new StoreInstance(instance.Target.SopClassUid, instance.Target.SopUid) { MoveOriginator = originator, Priority = request.Command.Priority };
        var response = await association.StoreAsync(instance.Context!, stored, instance.DataSet!, CancellationToken.None);
        return response.Status;
    }

    /// <summary>Nothing more can be sent: what was not has failed.</summary>
    public void FailRest(IEnumerable<RetrieveTarget> targets) => _failed.AddRange(Left(targets).Select(target => target.SopUid));

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
