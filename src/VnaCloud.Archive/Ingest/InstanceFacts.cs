using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>What ingest found in one instance.</summary>
internal sealed record InstanceFacts
{
    public required InstanceKey Key { get; init; }

    public required DicomDataSet DataSet { get; init; }

    public required InstanceAttributes Instance { get; init; }

    public required SeriesAttributes Series { get; init; }

    public required StudyAttributes Study { get; init; }

    public required FrameLocations Frames { get; init; }

    public required Digest FileDigest { get; init; }

    public required Digest ContentDigest { get; init; }
}
