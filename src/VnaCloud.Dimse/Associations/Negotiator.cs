namespace VnaCloud.Dimse;

/// <summary>Makes A-ASSOCIATE-AC out of a request and a decision, and tells what was agreed on (PS3.8 section 9.3.3, PS3.7 Annex D.3.3).</summary>
internal static class Negotiator
{
    public static AssociateAccept Answer(AssociateRequest request, AssociationAcceptance acceptance, LocalImplementation local)
    {
        var contexts = request.Contexts.Select(context => Decide(context, acceptance)).ToList();
        return new AssociateAccept
        {
            CalledAeTitle = request.CalledAeTitle,
            CallingAeTitle = request.CallingAeTitle,
            Contexts = contexts,
            User = new UserInformation
            {
                MaxPduLength = local.MaxPduLength,
                ImplementationClassUid = local.ClassUid,
                ImplementationVersionName = local.VersionName,
                // B17: the smaller of both; a requestor that proposes none gets none, which is one of each.
                AsyncWindow = request.User.AsyncWindow is { } window
                    ? new AsyncWindow(Smaller(window.Invoked, acceptance.AsyncWindow.Invoked), Smaller(window.Performed, acceptance.AsyncWindow.Performed))
                    : null,
                Roles = [.. request.User.Roles.Select(role => role with { Roles = role.Roles & acceptance.Roles(role) })],
                Extended = [.. acceptance.Extended.Where(answer => request.User.Extended.Any(asked => asked.SopClassUid == answer.SopClassUid))],
                IdentityAnswer = request.User.Identity is { PositiveResponseRequested: true } ? acceptance.IdentityAnswer : null,
            },
        };
    }

    /// <summary>The contexts that both sides agreed on.</summary>
    /// <param name="request">What was proposed.</param>
    /// <param name="accept">The answer to it.</param>
    /// <param name="rolesWithoutSelection">Roles where the answer has no role selection.</param>
    public static IReadOnlyList<PresentationContext> Agreed(AssociateRequest request, AssociateAccept accept, Func<string, ServiceRoles>? rolesWithoutSelection = null)
    {
        var agreed = new List<PresentationContext>();
        foreach (var result in accept.Contexts.Where(result => result.Result == ContextDecision.Acceptance))
        {
            // An answer to what was never asked, or with a syntax that was never proposed, is none.
            if (request.Contexts.FirstOrDefault(proposed => proposed.Id == result.Id) is { } context && context.TransferSyntaxes.Contains(result.TransferSyntax))
            {
                var selection = accept.User.Roles.FirstOrDefault(role => role.SopClassUid == context.AbstractSyntax);
                var roles = selection?.Roles ?? rolesWithoutSelection?.Invoke(context.AbstractSyntax) ?? ServiceRoles.Scu;
                agreed.Add(new PresentationContext(context.Id, context.AbstractSyntax, result.TransferSyntax, roles));
            }
        }
        return agreed;
    }

    private static ContextResult Decide(ProposedContext context, AssociationAcceptance acceptance)
    {
        var choice = acceptance.Contexts(context);
        if (choice.Decision == ContextDecision.Acceptance && (choice.TransferSyntax is null || !context.TransferSyntaxes.Contains(choice.TransferSyntax)))
        {
            throw new InvalidOperationException("A context can only be accepted with a transfer syntax that is proposed.");
        }
        return new ContextResult(context.Id, choice.Decision, choice.TransferSyntax ?? context.TransferSyntaxes[0]);
    }

    // 0 is without limit.
    private static ushort Smaller(ushort proposed, ushort own) => proposed == 0 ? own : own == 0 ? proposed : Math.Min(proposed, own);
}

/// <summary>What this side says of itself.</summary>
/// <param name="MaxPduLength">Longest P-DATA-TF that it takes.</param>
/// <param name="ClassUid">Implementation Class UID.</param>
/// <param name="VersionName">Implementation Version Name.</param>
internal sealed record LocalImplementation(uint MaxPduLength, string ClassUid, string VersionName);
