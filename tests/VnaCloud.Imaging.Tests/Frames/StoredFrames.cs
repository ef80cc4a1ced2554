using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests.Frames;

/// <summary>A file's encapsulated frames, and what its data set says of them.</summary>
internal sealed class StoredFrames
{
    private readonly FrameLocations _locations;
    private readonly byte[] _bytes;

    private StoredFrames(byte[] bytes, DicomReader reader)
    {
        _bytes = bytes;
        DataSet = reader.DataSet;
        Syntax = reader.TransferSyntax;
        _locations = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
    }

    public DicomDataSet DataSet { get; }

    public TransferSyntax Syntax { get; }

    public int Count => _locations.Count;

    public static async Task<StoredFrames> ReadAsync(CorpusFile file)
    {
        var bytes = file.ReadBytes();
        return new StoredFrames(bytes, await DicomReader.ReadAsync(new MemorySource(bytes)));
    }

    /// <summary>The frame's fragments, joined.</summary>
    public byte[] Frame(int index) => FrameFragments.Join(_bytes, _locations.Ranges[index]);
}
