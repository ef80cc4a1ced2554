using System.Collections.Concurrent;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Dimse.Tests;

/// <summary>This library calls DCMTK's servers.</summary>
public class DcmtkScpTests
{
    [Fact]
    public async Task Storescp_TakesEchoAndStores_FilesAreTheSame()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var folder = new Folder();
        using var server = await Dcmtk.StartAsync("storescp", port => ["--max-pdu", "16384", $"{port}"], folder.Path);
        await using var association = await DimseAssociation.ConnectAsync(Client(server.Port, (DimseAssociation.Verification, [TestScp.ImplicitLittle]), (TestScp.CtStorage, [TestScp.ExplicitLittle])));
        Assert.True((await association.EchoAsync()).Status.IsSuccess);
        for (var i = 1; i <= 20; i++)
        {
            var (instance, data) = DcmtkScuTests.Instance(i);
            Assert.True((await association.StoreAsync(association.FindContext(TestScp.CtStorage)!, instance, data)).Status.IsSuccess);
        }
        await association.ReleaseAsync();
        Assert.Equal(AssociationEndCause.Released, (await association.Completion).Cause);
        var files = Directory.GetFiles(folder.Path);
        Assert.Equal(20, files.Length);
        foreach (var file in files)
        {
            await using var reader = new DicomReader(new MemorySource(await File.ReadAllBytesAsync(file)));
            await reader.ReadFileMetaAsync(default);
            await reader.ReadDataSetAsync(default);
            var number = int.Parse(reader.DataSet.String(DicomTags.SOPInstanceUID).Split('.')[^1], System.Globalization.CultureInfo.InvariantCulture);
            var (_, sent) = DcmtkScuTests.Instance(number);
            await using var original = new DicomReader(new StreamSource(sent), TransferSyntax.ExplicitVrLittleEndian);
            await original.ReadDataSetAsync(default);
            Assert.Equal(original.DataSet.Select(element => element.ToString()), reader.DataSet.Select(element => element.ToString()));
        }
    }

    [Fact]
    public async Task Storescp_Refuses_IsToldByItsCodes()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var folder = new Folder();
        using var server = await Dcmtk.StartAsync("storescp", port => ["--refuse", $"{port}"], folder.Path);
        var error = await Assert.ThrowsAsync<AssociationException>(() => DimseAssociation.ConnectAsync(Client(server.Port, (DimseAssociation.Verification, [TestScp.ImplicitLittle]))));
        Assert.Equal(AssociationEndCause.Rejected, error.End.Cause);
        Assert.Equal("1/1/1", error.End.Reject!.ToString());
        Assert.False(error.End.Reject.IsTransient);
    }

    [Fact]
    public async Task Storescp_AbortsDuringAStore_FailsTheOperation()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var folder = new Folder();
        using var server = await Dcmtk.StartAsync("storescp", port => ["--abort-during", $"{port}"], folder.Path);
        await using var association = await DimseAssociation.ConnectAsync(Client(server.Port, (TestScp.CtStorage, [TestScp.ExplicitLittle])));
        var (instance, data) = DcmtkScuTests.Instance(1);
        var error = await Assert.ThrowsAsync<AssociationException>(() => association.StoreAsync(association.FindContext(TestScp.CtStorage)!, instance, data));
        Assert.Contains(error.End.Cause, (AssociationEndCause[])[AssociationEndCause.AbortedByPeer, AssociationEndCause.ConnectionLost]);
    }

    [Fact]
    public async Task Dcmqrscp_IsStoredInto_Searched_MovedFrom_AndGotFrom()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var folder = new Folder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "db"));
        var moved = new ConcurrentQueue<(string Sop, MoveOriginator? By)>();
        await using var destination = TestScp.Start(async (request, cancellation) =>
        {
            await request.Data.CopyToAsync(Stream.Null, cancellation);
            moved.Enqueue((request.Command.SopInstanceUid, request.Command.MoveOriginator));
            return DimseResponse.Success;
        });
        folder.File("qr.cfg", System.Text.Encoding.ASCII.GetBytes($"""
            NetworkType = "tcp"
            MaxPDUSize = 65536
            MaxAssociations = 16
            HostTable BEGIN
            dest = (DEST, 127.0.0.1, {destination.Port})
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            QR {Path.Combine(folder.Path, "db")} RW (100, 1024mb) ANY
            AETable END

            """));
        using var server = await Dcmtk.StartAsync("dcmqrscp", port => ["-c", "qr.cfg", $"{port}"], folder.Path);
        var got = new ConcurrentQueue<string>();
        var options = Client(server.Port, (DimseAssociation.Verification, [TestScp.ImplicitLittle]), (TestScp.CtStorage, [TestScp.ExplicitLittle]),
            (TestScp.StudyRootFind, [TestScp.ExplicitLittle]), (TestScp.StudyRootMove, [TestScp.ExplicitLittle]), (TestScp.StudyRootGet, [TestScp.ExplicitLittle]));
        options = options with
        {
            CalledAeTitle = "QR",
            Roles = [new(TestScp.CtStorage, ServiceRoles.Scu | ServiceRoles.Scp)],
            Handler = async (request, cancellation) =>
            {
                await request.Data.CopyToAsync(Stream.Null, cancellation);
                got.Enqueue(request.Command.SopInstanceUid);
                return DimseResponse.Success;
            },
        };
        await using var association = await DimseAssociation.ConnectAsync(options);
        for (var i = 1; i <= 10; i++)
        {
            var (instance, data) = DcmtkScuTests.Instance(i);
            Assert.True((await association.StoreAsync(association.FindContext(TestScp.CtStorage)!, instance, data)).Status.IsSuccess);
        }
        var study = new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, "STUDY").Set(DicomTags.StudyInstanceUID, DicomVr.UI, "1.2").Set(DicomTags.PatientID, DicomVr.LO, "");
        var matches = await association.FindAsync(TestScp.StudyRootFind, study).ToListAsync();
        Assert.Equal("4711", matches[0].DataSet!.String(DicomTags.PatientID));
        Assert.True(matches[^1].Status.IsSuccess);
        study.Remove(DicomTags.PatientID);
        var moves = await association.MoveAsync(TestScp.StudyRootMove, "DEST", study).ToListAsync();
        Assert.True(moves[^1].Status.IsSuccess, $"{moves[^1].Status} {moves[^1].ErrorComment}");
        Assert.Equal((ushort)10, moves[^1].SubOperations!.Completed);
        Assert.Equal(10, moved.Count);
        Assert.All(moved, move => Assert.Equal("SCU", move.By!.AeTitle));
        var gets = await association.GetAsync(TestScp.StudyRootGet, study).ToListAsync();
        Assert.True(gets[^1].Status.IsSuccess, $"{gets[^1].Status}");
        Assert.Equal(10, got.Count);
        var unknown = await association.MoveAsync(TestScp.StudyRootMove, "NOBODY", study).ToListAsync();
        Assert.Equal(DimseStatus.MoveDestinationUnknown, unknown[^1].Status);
        await association.ReleaseAsync();
    }

    internal static DimseConnectOptions Client(int port, params (string, IReadOnlyList<string>)[] contexts) => new()
    {
        Host = "127.0.0.1", Port = port, CalledAeTitle = "STORESCP", CallingAeTitle = "SCU", Contexts = DimseConnectOptions.Propose(contexts),
    };
}
