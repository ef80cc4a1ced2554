using System.Security.Cryptography;
using VnaCloud.TestKit;

namespace VnaCloud.Dimse.Tests;

/// <summary>Real data sets in every transfer syntax, sent and received by this library.</summary>
public class CorpusTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Store_EveryFileOfTheCorpus_ArrivesByteForByte()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var files = Corpus.Sample([.. Corpus.Storable.Where(file => file.ReadBytes().AsSpan(128).StartsWith("DICM\x02\0\0\0"u8))], 8);
        var received = "";
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            received = Convert.ToHexString(await SHA256.HashDataAsync(request.Data, cancellation));
            return DimseResponse.Success;
        });
        var groups = files.GroupBy(file => (Class: file["sop_class_uid"], file.TransferSyntaxUid)).Where(group => group.Key.Class.Length > 0).Chunk(PduLimits.Contexts);
        var count = 0;
        foreach (var some in groups)
        {
            var contexts = DimseConnectOptions.Propose(some.Select(group => (group.Key.Class, (IReadOnlyList<string>)[group.Key.TransferSyntaxUid])));
            await using var association = await DimseAssociation.ConnectAsync(scp.Client() with { Contexts = contexts });
            foreach (var file in some.SelectMany(group => group))
            {
                var bytes = file.ReadBytes();
                var data = new MemoryStream(bytes, DcmtkScuTests.DataSetOffset(bytes), bytes.Length - DcmtkScuTests.DataSetOffset(bytes));
                var context = association.FindContext(file["sop_class_uid"], file.TransferSyntaxUid)!;
                var response = await association.StoreAsync(context, new StoreInstance(file["sop_class_uid"], file["sop_instance_uid"]), data);
                Assert.True(response.Status.IsSuccess);
                Assert.Equal((file.Name, DcmtkScuTests.DataSetHash(bytes)), (file.Name, received));
                count++;
            }
            await association.ReleaseAsync();
        }
        output.WriteLine($"{count} files");
        Assert.True(count > files.Count * 9 / 10);
    }
}
