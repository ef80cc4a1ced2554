using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Commitment;

/// <summary>The Storage Commitment Response Module (PS3.18 Table J.2-1): what was asked for one by one is answered so, what was asked for as trees is answered in trees.</summary>
internal sealed class CommitmentAnswer(CommitmentRequest request, IReadOnlyList<CustodyFailure> failures, string mediaType) : IResult
{
    private static readonly DicomTag FailedStudySequence = new(0x0008119B);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status200OK;
        httpContext.Response.Headers.CacheControl = "no-store";
        await DataSetBody.WriteAsync(httpContext.Response, Build(), mediaType, httpContext.RequestAborted);
    }

    private DicomDataSet Build()
    {
        var data = new DicomDataSet();
        var judged = request.References.Zip(failures, (reference, failure) => (Reference: reference, Failure: failure)).ToList();
        foreach (var (isFailed, sops, studies) in new[] { (false, DicomTags.ReferencedSOPSequence, DicomTags.ReferencedStudySequence), (true, DicomTags.FailedSOPSequence, FailedStudySequence) })
        {
            bool Belongs((InstanceReference Reference, CustodyFailure Failure) one) => one.Failure != CustodyFailure.None == isFailed;
            data.AddSequence(sops, judged.Take(request.Single).Where(Belongs), (item, one) => Instance(ClassOf(item, one.Reference), one.Reference, one.Failure));
            data.AddSequence(studies, judged.Skip(request.Single).Where(Belongs).GroupBy(one => one.Reference.StudyUid), Study);
        }
        return data;
    }

    private static DicomDataSet Study(DicomDataSet item, IGrouping<string, (InstanceReference Reference, CustodyFailure Failure)> study)
    {
        item.Set(DicomTags.StudyInstanceUID, DicomVr.UI, study.Key);
        item.AddSequence(DicomTags.ReferencedSeriesSequence, study.GroupBy(one => one.Reference.SeriesUid), (series, ofSeries) =>
        {
            series.Set(DicomTags.SeriesInstanceUID, DicomVr.UI, ofSeries.Key);
            series.AddSequence(CommitmentRequest.ReferencedInstancesBySopClass, ofSeries.GroupBy(one => one.Reference.SopClassUid), (sopClass, ofClass) =>
            {
                ClassOf(sopClass, ofClass.First().Reference);
                sopClass.AddSequence(DicomTags.ReferencedInstanceSequence, ofClass, (instance, one) => Instance(instance, one.Reference, one.Failure));
                return sopClass;
            });
            return series;
        });
        return item;
    }

    private static DicomDataSet ClassOf(DicomDataSet item, InstanceReference reference) => item.Set(DicomTags.ReferencedSOPClassUID, DicomVr.UI, reference.SopClassUid);

    private static DicomDataSet Instance(DicomDataSet item, InstanceReference reference, CustodyFailure failure)
    {
        item.Set(DicomTags.ReferencedSOPInstanceUID, DicomVr.UI, reference.SopUid);
        return failure == CustodyFailure.None ? item : item.Set(DicomTags.FailureReason, (ushort)failure);
    }
}
