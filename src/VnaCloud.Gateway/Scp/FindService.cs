using VnaCloud.Dicom;
using VnaCloud.DicomWeb;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Query;
using VnaCloud.Gateway.Remotes;

namespace VnaCloud.Gateway.Scp;

/// <summary>
/// C-FIND (PS3.4 C.4.1) by QIDO-RS. Answers leave as pages arrive, to the last one: nothing is cut off silently. A cancel is seen between any two.
/// </summary>
internal sealed partial class FindService(DicomWebClient archive, string aeTitle, ILogger<FindService> logger)
{
    public async Task<DimseResponse> FindAsync(RemoteAe remote, DimseRequest request, CancellationToken cancellation)
    {
        var identifier = await request.ReadDataSetAsync();
        var model = SopClasses.Query(request.Context.AbstractSyntax)!.Value.Model;
        var (search, fault) = FindRequest.Read(identifier, model, AssociationGate.OptionsOf(request.Association, request.Context.AbstractSyntax));
        if (search is null)
        {
            return new DimseResponse(DimseStatus.DataSetDoesNotMatchSopClass, fault!);
        }
        var characters = remote.CharacterSet.Length > 0 ? SpecificCharacterSet.Parse([remote.CharacterSet]) : identifier.CharacterSet;
        var answer = new FindAnswer(search, characters, aeTitle);
        var pending = search.HasUnsupportedKey ? DimseStatus.PendingWithUnsupportedKeys : DimseStatus.Pending;
        var count = 0;
        try
        {
            var results = archive.SearchAsync(search.Resource, search.Query, cancellation);
            await foreach (var result in search.Level == QueryRetrieveLevel.Patient ? new Patients(search).OfAsync(results) : results)
            {
                await request.SendPendingAsync(new DimseResponse(pending) { DataSet = answer.Build(result) });
                count++;
            }
        }
        catch (DicomWebException failed)
        {
            Log.Failed(logger, remote.AeTitle, search.Level, count, failed.Error.Message);
            return Failure(failed.Error);
        }
        catch (TooManyPatientsException tooMany)
        {
            return new DimseResponse(DimseStatus.OutOfResources, tooMany.Message);
        }
        Log.Answered(logger, remote.AeTitle, search.Level, count);
        return DimseResponse.Success;
    }

    // What passes is A700H, so that the workstation may try again; what does not is C0xxH.
    private static DimseResponse Failure(WebError error) => error.IsTransient || error.Fault is WebFault.Unauthorized or WebFault.Forbidden
        ? new DimseResponse(DimseStatus.OutOfResources, $"The archive cannot be asked: {error.Message}")
        : new DimseResponse(new DimseStatus(0xC001), $"The archive refused the search: {error.Message}");

    private static partial class Log
    {
        [LoggerMessage(4201, LogLevel.Information, "C-FIND of {RemoteAe} at level {Level}: {Count} answers")]
        public static partial void Answered(ILogger logger, string remoteAe, QueryRetrieveLevel level, int count);

        [LoggerMessage(4202, LogLevel.Warning, "C-FIND of {RemoteAe} at level {Level} failed after {Count} answers: {Reason}")]
        public static partial void Failed(ILogger logger, string remoteAe, QueryRetrieveLevel level, int count, string reason);
    }
}
