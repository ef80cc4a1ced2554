namespace VnaCloud.Dimse;

/// <summary>Reads A-ASSOCIATE-RQ and -AC (PS3.8 sections 9.3.2 and 9.3.3). Items that are not known are passed over, as they must be.</summary>
internal static class AssociateParser
{
    public static AssociateRequest Request(ReadOnlySpan<byte> body, PduLimits limits)
    {
        var reader = new PduReader(body);
        var (version, called, calling) = Head(ref reader);
        var (context, user, contexts) = Items(ref reader, limits, ItemType.ProposedContext, Proposed, static proposed => proposed.Id);
        if (contexts.Count == 0)
        {
            throw new PduFormatException(PduFault.InvalidParameter, "No presentation context is proposed");
        }
        return new AssociateRequest
        {
            ProtocolVersion = version, CalledAeTitle = called, CallingAeTitle = calling, ApplicationContext = context, Contexts = contexts, User = user,
        };
    }

    public static AssociateAccept Accept(ReadOnlySpan<byte> body, PduLimits limits)
    {
        var reader = new PduReader(body);
        var (version, called, calling) = Head(ref reader);
        var (context, user, contexts) = Items(ref reader, limits, ItemType.ContextResult, Result, static result => result.Id);
        return new AssociateAccept
        {
            ProtocolVersion = version, CalledAeTitle = called, CallingAeTitle = calling, ApplicationContext = context, Contexts = contexts, User = user,
        };
    }

    private delegate T ContextReader<T>(ref PduReader item, PduLimits limits);

    // Both PDUs have the same items but for their contexts.
    private static (string ApplicationContext, UserInformation User, List<T> Contexts) Items<T>(
        ref PduReader reader, PduLimits limits, ItemType contextType, ContextReader<T> read, Func<T, byte> id)
    {
        var (context, user, contexts) = ("", new UserInformation(), new List<T>());
        while (!reader.IsAtEnd)
        {
            var item = reader.Item(out var type);
            if (type == ItemType.ApplicationContext)
            {
                context = item.Uid();
            }
            else if (type == contextType)
            {
                AddContext(contexts, read(ref item, limits), id);
            }
            else if (type == ItemType.UserInformation)
            {
                user = UserInformationParser.Parse(ref item, limits);
            }
        }
        return (context, user, contexts);
    }

    private static (ushort Version, string Called, string Calling) Head(ref PduReader reader)
    {
        var version = reader.UInt16();
        reader.Bytes(2);
        var called = AeTitle.Read(reader.Bytes(AeTitle.Length));
        var calling = AeTitle.Read(reader.Bytes(AeTitle.Length));
        reader.Bytes(32);
        return (version, called, calling);
    }

    private static void AddContext<T>(List<T> contexts, T context, Func<T, byte> id)
    {
        if (id(context) % 2 == 0)
        {
            throw new PduFormatException(PduFault.InvalidParameter, "A presentation context with an even identifier");
        }
        if (contexts.Exists(other => id(other) == id(context)))
        {
            throw new PduFormatException(PduFault.InvalidParameter, "Two presentation contexts with one identifier");
        }
        contexts.Add(context);
    }

    private static ProposedContext Proposed(ref PduReader item, PduLimits limits)
    {
        var id = item.Byte();
        item.Bytes(3);
        string? abstractSyntax = null;
        var transferSyntaxes = new List<string>();
        while (!item.IsAtEnd)
        {
            var syntax = item.Item(out var type);
            if (type == ItemType.AbstractSyntax)
            {
                abstractSyntax = abstractSyntax is null ? syntax.Uid() : throw new PduFormatException(PduFault.UnexpectedParameter, "A context with two abstract syntaxes");
            }
            else if (type == ItemType.TransferSyntax)
            {
                transferSyntaxes.Add(syntax.Uid());
            }
            if (transferSyntaxes.Count > limits.TransferSyntaxes)
            {
                throw new PduFormatException(PduFault.InvalidParameter, "Too many transfer syntaxes in a context");
            }
        }
        return abstractSyntax is not null && transferSyntaxes.Count > 0
            ? new ProposedContext(id, abstractSyntax, transferSyntaxes)
            : throw new PduFormatException(PduFault.InvalidParameter, "A context without abstract or transfer syntax");
    }

    // Where a context is refused its transfer syntax is not significant, and some leave it out.
    private static ContextResult Result(ref PduReader item, PduLimits limits)
    {
        var id = item.Byte();
        item.Byte();
        var result = (ContextDecision)item.Byte();
        item.Byte();
        var transferSyntax = "";
        while (!item.IsAtEnd)
        {
            var syntax = item.Item(out var type);
            if (type == ItemType.TransferSyntax)
            {
                transferSyntax = transferSyntax.Length == 0 ? syntax.Uid() : throw new PduFormatException(PduFault.UnexpectedParameter, "An accepted context with two transfer syntaxes");
            }
        }
        return result != ContextDecision.Acceptance || transferSyntax.Length > 0
            ? new ContextResult(id, result, transferSyntax)
            : throw new PduFormatException(PduFault.InvalidParameter, "An accepted context without transfer syntax");
    }
}
