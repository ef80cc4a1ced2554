using VnaCloud.Dicom;
using VnaCloud.DicomWeb;
using VnaCloud.Dimse;

namespace VnaCloud.Gateway.Scp.Retrieve;

/// <summary>What C-MOVE and C-GET begin with: the instances, or the response that says why not.</summary>
internal static class FindTargets
{
    public static async Task<(IReadOnlyList<RetrieveTarget>? Targets, DimseResponse? Refusal)> ForAsync(
        TargetFinder finder, DimseRequest request, DicomDataSet identifier, CancellationToken cancellation)
    {
        try
        {
            var (targets, fault) = await finder.FindAsync(identifier, SopClasses.Query(request.Context.AbstractSyntax)!.Value.Model, cancellation);
            return targets is not null ? (targets, null)
                : fault is not null ? (null, new DimseResponse(DimseStatus.DataSetDoesNotMatchSopClass, fault))
                : (null, new DimseResponse(DimseStatus.CannotCalculateMatches, $"More than {TargetFinder.Most} instances match"));
        }
        catch (DicomWebException failed)
        {
            return (null, new DimseResponse(DimseStatus.CannotCalculateMatches, $"The archive cannot be asked: {failed.Error.Message}"));
        }
    }
}
