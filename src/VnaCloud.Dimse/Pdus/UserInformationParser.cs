namespace VnaCloud.Dimse;

/// <summary>Reads the sub-items of user information (PS3.8 Annex D, PS3.7 Annex D.3.3).</summary>
internal static class UserInformationParser
{
    public static UserInformation Parse(ref PduReader items, PduLimits limits)
    {
        var user = new UserInformation();
        var roles = new List<RoleSelection>();
        var extended = new List<ExtendedNegotiation>();
        var common = new List<CommonExtendedNegotiation>();
        for (var count = 0; !items.IsAtEnd; count++)
        {
            if (count == limits.UserItems)
            {
                throw new PduFormatException(PduFault.InvalidParameter, "Too many items of user information");
            }
            var item = items.Item(out var type);
            switch (type)
            {
                case ItemType.RoleSelection:
                    roles.Add(Role(ref item));
                    break;
                case ItemType.SopClassExtendedNegotiation:
                    extended.Add(new ExtendedNegotiation(item.SizedUid(), item.Rest().ToArray()));
                    break;
                case ItemType.SopClassCommonExtendedNegotiation:
                    common.Add(Common(ref item));
                    break;
                default:
                    user = Single(user, type, ref item);
                    break;
            }
        }
        return user with { Roles = roles, Extended = extended, CommonExtended = common };
    }

    // PS3.8 9.3.1: what follows the fields that are known is for later versions, and is not tested.
    private static UserInformation Single(UserInformation user, ItemType type, ref PduReader item) => type switch
    {
        ItemType.MaximumLength => user with { MaxPduLength = item.UInt32() },
        ItemType.ImplementationClassUid => user with { ImplementationClassUid = item.Uid() },
        ItemType.ImplementationVersionName => user with { ImplementationVersionName = item.Text() },
        ItemType.AsynchronousOperationsWindow => user with { AsyncWindow = new AsyncWindow(item.UInt16(), item.UInt16()) },
        ItemType.UserIdentity => user with { Identity = Identity(ref item) },
        ItemType.UserIdentityAnswer => user with { IdentityAnswer = item.SizedBytes() },
        _ => user,
    };

    private static RoleSelection Role(ref PduReader item)
    {
        var sopClass = item.SizedUid();
        var scu = item.Byte() == 1 ? ServiceRoles.Scu : ServiceRoles.None;
        var scp = item.Byte() == 1 ? ServiceRoles.Scp : ServiceRoles.None;
        return new RoleSelection(sopClass, scu | scp);
    }

    private static CommonExtendedNegotiation Common(ref PduReader item)
    {
        var (sopClass, serviceClass) = (item.SizedUid(), item.SizedUid());
        var related = new List<string>();
        var uids = new PduReader(item.Bytes(item.IsAtEnd ? 0 : item.UInt16()));
        while (!uids.IsAtEnd)
        {
            related.Add(uids.SizedUid());
        }
        return new CommonExtendedNegotiation(sopClass, serviceClass, related);
    }

    private static UserIdentity Identity(ref PduReader item)
    {
        var kind = (UserIdentityKind)item.Byte();
        var answer = item.Byte() == 1;
        return new UserIdentity(kind, answer, item.SizedBytes(), item.SizedBytes());
    }
}
