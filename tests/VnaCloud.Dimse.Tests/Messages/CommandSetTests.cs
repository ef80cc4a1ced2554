using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Dimse.Tests;

public class CommandSetTests
{
    private static readonly CommandSet Sample = RawPeer.Command(CommandField.CMoveRequest, 7, hasData: true)
        .With(DicomTags.MoveDestination, "DEST", ' ').With(DicomTags.Priority, (ushort)1)
        .With(DicomTags.AttributeIdentifierList, [DicomTags.PatientID, DicomTags.PatientName]);

    [Fact]
    public void WhatIsWritten_IsRead()
    {
        var command = CommandSet.Parse(Sample.ToArray(), PduLimits.Default);
        Assert.Equal((CommandField.CMoveRequest, (ushort)7, true, "DEST", (ushort)1), (command.Field, command.MessageId, command.HasDataSet, command.MoveDestination, command.Priority));
        Assert.Equal((TestScp.CtStorage, "1.2.3.4"), (command.SopClassUid, command.SopInstanceUid));
        Assert.Equal([DicomTags.PatientID, DicomTags.PatientName], command.Tags(DicomTags.AttributeIdentifierList));
        Assert.Equal(Sample.ToArray(), command.ToArray());
        Assert.Equal(0, Sample.ToArray().Length % 2);
    }

    [Fact]
    public void EveryCutAndManyMutations_ReadOrAreFormatFaults()
    {
        var bytes = Sample.ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            Expect(bytes[..length]);
        }
        var random = new Random(5);
        for (var i = 0; i < TestLength.Of(5_000, 50_000, 1_000_000); i++)
        {
            var mutated = bytes.ToArray();
            for (var steps = random.Next(1, 5); steps > 0; steps--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }
            Expect(mutated);
        }
    }

    [Fact]
    public void Limits_AreHeld()
    {
        var many = new CommandSet();
        for (ushort i = 0x2000; i < 0x2000 + 64; i++)
        {
            many.With(new DicomTag(0, i), (ushort)1);
        }
        Assert.Throws<PduFormatException>(() => CommandSet.Parse(many.ToArray(), PduLimits.Default));
    }

    [Theory]
    [InlineData(0x0000, "success")]
    [InlineData(0xFF01, "pending")]
    [InlineData(0xFE00, "cancel")]
    [InlineData(0xB006, "warning")]
    [InlineData(0x0107, "warning")]
    [InlineData(0xA700, "failure")]
    [InlineData(0x0110, "failure")]
    [InlineData(0xC123, "failure")]
    public void Status_IsOfOneKind(ushort code, string kind)
    {
        var status = new DimseStatus(code);
        Assert.Equal(
            [kind == "success", kind == "pending", kind == "cancel", kind == "warning", kind == "failure"],
            (bool[])[status.IsSuccess, status.IsPending, status.IsCancel, status.IsWarning, status.IsFailure]);
    }

    private static void Expect(byte[] bytes)
    {
        try
        {
            var command = CommandSet.Parse(bytes, PduLimits.Default);
            Assert.Equal(command.ToArray(), CommandSet.Parse(command.ToArray(), PduLimits.Default).ToArray());
        }
        catch (PduFormatException)
        {
            // As it should.
        }
    }
}
