using System.Security.Cryptography.X509Certificates;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Remotes;

namespace VnaCloud.Gateway.Scp.Retrieve;

/// <summary>Associations that the gateway asks for: to send instances, and to report commitments.</summary>
/// <param name="aeTitle">As whom it calls.</param>
/// <param name="certificate">Shown to peers that are called with TLS; null without.</param>
/// <param name="authorities">Who may have signed their certificates; null: the system's.</param>
/// <param name="time">The clock.</param>
internal sealed class Destinations(string aeTitle, X509Certificate2? certificate, X509Certificate2Collection? authorities, TimeProvider time)
{
    /// <summary>Contexts in one association: two for each pair of class and syntax at most.</summary>
    public const int Contexts = 128;

    /// <summary>Splits targets so that the contexts of each group fit into one association.</summary>
    public static IEnumerable<IReadOnlyList<RetrieveTarget>> Groups(IReadOnlyList<RetrieveTarget> targets)
    {
        var (group, pairs) = (new List<RetrieveTarget>(), new HashSet<(string, string)>());
        foreach (var target in targets)
        {
            if (pairs.Add((target.SopClassUid, target.TransferSyntaxUid)) && pairs.Count > Contexts / 2)
            {
                yield return group;
                (group, pairs) = ([], [(target.SopClassUid, target.TransferSyntaxUid)]);
            }
            group.Add(target);
        }
        if (group.Count > 0)
        {
            yield return group;
        }
    }

    /// <summary>
    /// An association for C-STORE of targets. Each syntax that a class is stored in has a context of its own, plain ones, too: of several in one context
    /// the destination chooses one, and what is stored in another would be encoded anew. One more takes what is not taken as it is stored.
    /// </summary>
    /// <exception cref="AssociationException">It could not be had.</exception>
    public Task<DimseAssociation> ForStorageAsync(RemoteAe remote, IReadOnlyList<RetrieveTarget> targets, CancellationToken cancellation)
    {
        var stored = targets.Where(target => target.TransferSyntaxUid.Length > 0).Select(target => (target.SopClassUid, target.TransferSyntaxUid)).Distinct()
            .Select(pair => (pair.SopClassUid, (IReadOnlyList<string>)[pair.TransferSyntaxUid]));
        var plain = targets.Select(target => target.SopClassUid).Distinct().Select(sopClass => (sopClass, StorageClasses.PlainSyntaxes));
        return DimseAssociation.ConnectAsync(Options(remote, DimseConnectOptions.Propose(stored.Concat(plain))), cancellation);
    }

    /// <summary>An association on which the gateway is SCP of storage commitment, and reports (PS3.4 J.3.3).</summary>
    /// <exception cref="AssociationException">It could not be had.</exception>
    public Task<DimseAssociation> ForReportAsync(RemoteAe remote, CancellationToken cancellation)
    {
        var options = Options(remote, DimseConnectOptions.Propose((SopClasses.StorageCommitment, StorageClasses.PlainSyntaxes))) with
        {
            Roles = [new RoleSelection(SopClasses.StorageCommitment, ServiceRoles.Scp)],
            // Some devices leave the answer out and take the report all the same (B11).
            RolesWithoutSelection = _ => ServiceRoles.Scp | ServiceRoles.Scu,
        };
        return DimseAssociation.ConnectAsync(options, cancellation);
    }

    private DimseConnectOptions Options(RemoteAe remote, IReadOnlyList<ProposedContext> contexts) => new()
    {
        Host = remote.Host,
        Port = remote.Port,
        CalledAeTitle = remote.AeTitle,
        CallingAeTitle = aeTitle,
        Contexts = contexts,
        Tls = remote.Tls ? new DimseTlsOptions { Certificate = certificate, Authorities = authorities, ServerName = remote.CertificateName.Length > 0 ? remote.CertificateName : remote.Host } : null,
        Time = time,
    };
}
