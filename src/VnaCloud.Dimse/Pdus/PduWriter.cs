using System.Buffers.Binary;
using System.Text;

namespace VnaCloud.Dimse;

/// <summary>Writes PDUs (PS3.8 section 9.3), big endian, lengths filled in afterwards.</summary>
internal sealed class PduWriter
{
    private byte[] _bytes = new byte[512];
    private int _length;

    public static byte[] Write(AssociateRequest request)
    {
        var writer = new PduWriter();
        return writer.Pdu(PduType.AssociateRequest, () =>
        {
            writer.Head(request.ProtocolVersion, request.CalledAeTitle, request.CallingAeTitle);
            writer.Uid(ItemType.ApplicationContext, request.ApplicationContext);
            foreach (var context in request.Contexts)
            {
                writer.Item(ItemType.ProposedContext, () =>
                {
                    writer.Bytes([context.Id, 0, 0, 0]);
                    writer.Uid(ItemType.AbstractSyntax, context.AbstractSyntax);
                    foreach (var syntax in context.TransferSyntaxes)
                    {
                        writer.Uid(ItemType.TransferSyntax, syntax);
                    }
                });
            }
            writer.User(request.User);
        });
    }

    public static byte[] Write(AssociateAccept accept)
    {
        var writer = new PduWriter();
        return writer.Pdu(PduType.AssociateAccept, () =>
        {
            writer.Head(accept.ProtocolVersion, accept.CalledAeTitle, accept.CallingAeTitle);
            writer.Uid(ItemType.ApplicationContext, accept.ApplicationContext);
            foreach (var context in accept.Contexts)
            {
                writer.Item(ItemType.ContextResult, () =>
                {
                    writer.Bytes([context.Id, 0, (byte)context.Result, 0]);
                    writer.Uid(ItemType.TransferSyntax, context.TransferSyntax);
                });
            }
            writer.User(accept.User);
        });
    }

    public static byte[] Write(AssociateReject reject) => [(byte)PduType.AssociateReject, 0, 0, 0, 0, 4, 0, reject.Result, reject.Source, reject.Reason];

    public static byte[] Write(AbortPdu abort) => [(byte)PduType.Abort, 0, 0, 0, 0, 4, 0, 0, abort.Source, abort.Reason];

    public static byte[] ReleaseRequest() => [(byte)PduType.ReleaseRequest, 0, 0, 0, 0, 4, 0, 0, 0, 0];

    public static byte[] ReleaseResponse() => [(byte)PduType.ReleaseResponse, 0, 0, 0, 0, 4, 0, 0, 0, 0];

    private byte[] Pdu(PduType type, Action body)
    {
        Bytes([(byte)type, 0, 0, 0, 0, 0]);
        body();
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(2), _length - 6);
        return _bytes[.._length];
    }

    private void Head(ushort version, string called, string calling)
    {
        UInt16(version);
        UInt16(0);
        AeTitle.Write(called, Room(AeTitle.Length));
        AeTitle.Write(calling, Room(AeTitle.Length));
        Room(32);
    }

    private void User(UserInformation user) => Item(ItemType.UserInformation, () =>
    {
        if (user.MaxPduLength is { } length)
        {
            Item(ItemType.MaximumLength, () => BinaryPrimitives.WriteUInt32BigEndian(Room(4), length));
        }
        Uid(ItemType.ImplementationClassUid, user.ImplementationClassUid);
        if (user.AsyncWindow is { } window)
        {
            Item(ItemType.AsynchronousOperationsWindow, () => { UInt16(window.Invoked); UInt16(window.Performed); });
        }
        foreach (var role in user.Roles)
        {
            Item(ItemType.RoleSelection, () =>
            {
                Sized(Encoding.ASCII.GetBytes(role.SopClassUid));
                Bytes([(byte)(role.Roles & ServiceRoles.Scu), (byte)(role.Roles.HasFlag(ServiceRoles.Scp) ? 1 : 0)]);
            });
        }
        if (user.ImplementationVersionName.Length > 0)
        {
            Uid(ItemType.ImplementationVersionName, user.ImplementationVersionName);
        }
        Negotiations(user);
    });

    private void Negotiations(UserInformation user)
    {
        foreach (var extended in user.Extended)
        {
            Item(ItemType.SopClassExtendedNegotiation, () => { Sized(Encoding.ASCII.GetBytes(extended.SopClassUid)); Bytes(extended.Information.Span); });
        }
        foreach (var common in user.CommonExtended)
        {
            Item(ItemType.SopClassCommonExtendedNegotiation, () =>
            {
                Sized(Encoding.ASCII.GetBytes(common.SopClassUid));
                Sized(Encoding.ASCII.GetBytes(common.ServiceClassUid));
                Counted(() => common.RelatedGeneralSopClassUids.ToList().ForEach(uid => Sized(Encoding.ASCII.GetBytes(uid))));
            });
        }
        if (user.Identity is { } identity)
        {
            Item(ItemType.UserIdentity, () =>
            {
                Bytes([(byte)identity.Kind, (byte)(identity.PositiveResponseRequested ? 1 : 0)]);
                Sized(identity.Primary.Span);
                Sized(identity.Secondary.Span);
            });
        }
        if (user.IdentityAnswer is { } answer)
        {
            Item(ItemType.UserIdentityAnswer, () => Sized(answer.Span));
        }
    }

    private void Uid(ItemType type, string uid) => Item(type, () => Bytes(Encoding.Latin1.GetBytes(uid)));

    private void Item(ItemType type, Action body)
    {
        Bytes([(byte)type, 0]);
        Counted(body);
    }

    private void Counted(Action body)
    {
        var start = _length;
        UInt16(0);
        body();
        var length = _length - start - 2;
        if (length > ushort.MaxValue)
        {
            throw new ArgumentException("An item of an association PDU has 65,535 bytes at most.");
        }
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(start), (ushort)length);
    }

    private void Sized(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length;
        UInt16(length <= ushort.MaxValue ? (ushort)length : throw new ArgumentException("A field of an association PDU has 65,535 bytes at most."));
        Bytes(bytes);
    }

    private void UInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Room(2), value);

    private void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    private Span<byte> Room(int count)
    {
        if (_length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + count, _bytes.Length * 2));
        }
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
