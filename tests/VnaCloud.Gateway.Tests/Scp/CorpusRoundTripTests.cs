using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Scp;

/// <summary>Real objects in every transfer syntax: by C-STORE into the gateway, by STOW-RS into the archive, by C-MOVE out of both to DCMTK's storescp, byte for byte.</summary>
public sealed class CorpusRoundTripTests(ITestOutputHelper output)
{
    private const string Device = "CT1";
    private const string Destination = "STORESCP";
    private const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";

    [Fact]
    public async Task Corpus_ThroughGatewayAndArchiveToStoreScp_IsTheSame()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        var sent = await ReadAsync();
        using var folder = new Folder();
        // +B writes what comes, unread; +xa takes every transfer syntax, -pm every class.
        using var storescp = await Dcmtk.StartAsync("storescp", port => ["-aet", Destination, "+B", "+xa", "-pm", "-od", folder.Path, $"{port}"], folder.Path);
        var privateClasses = sent.Select(instance => instance.SopClass).Distinct().Where(sopClass => !StorageClasses.IsStorage(sopClass)).Select((uid, i) => $"PrivateSopClasses:{i}={uid}");
        var known = StorageClasses.Syntaxes;
        var privateSyntaxes = sent.Select(instance => instance.Syntax).Except(known).ToList();
        Assert.DoesNotContain(privateSyntaxes, uid => uid.StartsWith(TransferSyntax.ImplicitVrLittleEndian.Uid, StringComparison.Ordinal));
        var syntaxes = known.Concat(privateSyntaxes).Select((uid, i) => $"TransferSyntaxes:{i}={uid}");
        await using var site = await Site.StartAsync([.. Site.Remote(0, Device, 0, [.. privateClasses, .. syntaxes]), .. Site.Remote(1, Destination, storescp.Port)]);
        await StoreAsync(site, sent);
        await site.UntilArchivedAsync(sent.Count);

        await using var moving = await site.ConnectAsync(Device, [StudyRootMove]);
        var refused = new List<string>();
        foreach (var study in sent.Select(instance => instance.Study).Distinct())
        {
            refused.AddRange(await MoveAsync(moving, study));
        }
        await moving.ReleaseAsync();
        var files = Directory.GetFiles(folder.Path).Select(File.ReadAllBytes).Select(bytes => bytes.AsSpan(DataSetOffset(bytes)).ToArray()).ToList();
        var arrived = files.Select(Convert.ToBase64String).ToHashSet();
        var others = sent.Where(instance => !arrived.Contains(Convert.ToBase64String(instance.Sent))).ToList();
        output.WriteLine($"{sent.Count} instances of {Corpus.Storable.Count} files: {sent.Count - others.Count} came back the same, {others.Count - refused.Count} decoded, {refused.Count} not at all");
        Assert.Equal(sent.Count, files.Count + refused.Count);
        // What storescp does not know it does not take, whatever is offered: it gets it decoded, where the archive can.
        Assert.All(others, instance => Assert.True(
            UnknownSyntaxes.Concat(privateSyntaxes).Contains(instance.Syntax) || instance.SopClass == ProtocolApproval || instance.Sop.Length > DicomUid.MaxLength, $"{instance.Name} in {instance.Syntax} is another"));
    }

    // DCMTK 3.6.7 knows this class, but not as one of storage, which +pm does not help. By a UID that is too long it aborts the association.
    private const string ProtocolApproval = "1.2.840.10008.5.1.4.1.1.200.3";

    private static readonly string[] UnknownSyntaxes =
    [
        "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55", "1.2.840.10008.1.2.4.57",
        "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203",
    ];

    private sealed record Instance(string Name, string Study, string SopClass, string Sop, string Syntax, byte[] DataSet)
    {
        /// <summary>As it is sent: a deflated data set is padded to an even length (PS3.5 A.5).</summary>
        public byte[] Sent => Syntax == TransferSyntax.DeflatedExplicitVrLittleEndian.Uid && DataSet.Length % 2 == 1 ? [.. DataSet, 0] : DataSet;
    }

    // The first of each SOP Instance UID: the corpus has copies, of which an archive takes one. JPIP referenced syntaxes have a URL for pixels, and are refused.
    private static async Task<List<Instance>> ReadAsync()
    {
        var instances = new List<Instance>();
        foreach (var file in Corpus.Sample(Corpus.Storable, 8).DistinctBy(file => file["sop_instance_uid"]))
        {
            var bytes = file.ReadBytes();
            using var source = new StreamSource(new MemoryStream(bytes));
            await using var reader = new DicomReader(source);
            await reader.ReadFileMetaAsync(default);
            await reader.ReadDataSetAsync(DicomTags.PixelData, default);
            if (reader.DataSetOffset > 0 && !reader.TransferSyntax.IsReferenced && Array.TrueForAll([DicomTags.SOPClassUID, DicomTags.SeriesInstanceUID], tag => DicomUid.IsValid(reader.DataSet.String(tag))))
            {
                instances.Add(new Instance(file.Name, reader.DataSet.String(DicomTags.StudyInstanceUID), reader.DataSet.String(DicomTags.SOPClassUID),
                    reader.DataSet.String(DicomTags.SOPInstanceUID), reader.TransferSyntax.Uid, bytes[(int)reader.DataSetOffset..]));
            }
        }
        return instances;
    }

    private static async Task StoreAsync(Site site, List<Instance> instances)
    {
        foreach (var some in instances.GroupBy(instance => (instance.SopClass, instance.Syntax)).Chunk(128))
        {
            var contexts = DimseConnectOptions.Propose(some.Select(group => (group.Key.SopClass, (IReadOnlyList<string>)[group.Key.Syntax])));
            await using var association = await site.ConnectAsync(Device, [], options => options with { Contexts = contexts });
            foreach (var instance in some.SelectMany(group => group))
            {
                var context = association.FindContext(instance.SopClass, instance.Syntax);
                Assert.True(context is not null, $"{instance.Name}: {instance.SopClass} in {instance.Syntax} is refused");
                var response = await association.StoreAsync(context, new StoreInstance(instance.SopClass, instance.Sop), new MemoryStream(instance.DataSet));
                Assert.True(response.Status.IsSuccess, $"{instance.Name}: {response.Status} {response.ErrorComment}");
            }
            await association.ReleaseAsync();
        }
    }

    // Gives the SOP Instance UIDs that the destination did not take.
    private static async Task<IReadOnlyList<string>> MoveAsync(DimseAssociation association, string study)
    {
        var identifier = new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, "STUDY").Set(DicomTags.StudyInstanceUID, DicomVr.UI, study);
        DimseResponse? last = null;
        await foreach (var response in association.MoveAsync(StudyRootMove, Destination, identifier))
        {
            last = response;
        }
        return last!.Status.IsSuccess ? [] : last.DataSet!.Strings(DicomTags.FailedSOPInstanceUIDList);
    }

    private static int DataSetOffset(byte[] file) => 144 + BitConverter.ToInt32(file, 140);
}
