using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace VnaCloud.Dimse;

/// <summary>
/// TLS by the BCP 195 profile (PS3.15 section B.12; RFC 9325): 1.2 or 1.3, suites with forward secrecy and authenticated encryption, no
/// renegotiation. Client certificates are asked for where authorities are named.
/// </summary>
public sealed record DimseTlsOptions
{
    /// <summary>This side's certificate with its private key. A server must have one.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Certificates that the peer's must chain to. A server asks for a client's certificate only where there are some; a client trusts the system's without.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Server: whether a client may come without certificate although authorities are named.</summary>
    public ClientCertificates ClientCertificates { get; init; } = ClientCertificates.Required;

    /// <summary>Client: the name that the server's certificate must have; null is the host that was called.</summary>
    public string? ServerName { get; init; }

    /// <summary>Revocation; not checked by default, because most devices' authorities have no list to ask.</summary>
    public X509RevocationMode Revocation { get; init; } = X509RevocationMode.NoCheck;

#pragma warning disable CA1416 // Cipher suites can be chosen wherever OpenSSL is used, which is where this runs; elsewhere the system's policy holds.
    private static readonly CipherSuitesPolicy? Suites = OperatingSystem.IsWindows() ? null : new CipherSuitesPolicy(
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_DHE_RSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    ]);
#pragma warning restore CA1416

    internal async Task<SslStream> AcceptAsync(Stream stream, CancellationToken cancellation)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = Certificate ?? throw new InvalidOperationException("A TLS listener has a certificate."),
            ClientCertificateRequired = Authorities is not null,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CipherSuitesPolicy = Suites,
            AllowRenegotiation = false,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                Authorities is null || (certificate is null ? ClientCertificates == ClientCertificates.Optional : IsTrusted(certificate, errors, ClientUsage)),
        }, cancellation);
        return tls;
    }

    internal async Task<SslStream> ConnectAsync(Stream stream, string host, CancellationToken cancellation)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = ServerName ?? host,
            ClientCertificates = Certificate is null ? null : [Certificate],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CipherSuitesPolicy = Suites,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = Revocation,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is not null && IsTrusted(certificate, errors, ServerUsage),
        }, cancellation);
        return tls;
    }

    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private bool IsTrusted(X509Certificate certificate, SslPolicyErrors errors, string usage)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return false;
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = Revocation;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(usage));
        chain.ChainPolicy.DisableCertificateDownloads = Revocation == X509RevocationMode.NoCheck;
        if (Authorities is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        }
        using var leaf = new X509Certificate2(certificate);
        return chain.Build(leaf) && chain.ChainElements.SkipLast(chain.ChainElements.Count > 1 ? 1 : 0).All(element => IsStrong(element.Certificate));
    }

    // RFC 9325 section 4.5. A root's own signature proves nothing and is not looked at.
    private static bool IsStrong(X509Certificate2 certificate) => certificate.SignatureAlgorithm.FriendlyName is { } name
        && !name.Contains("sha1", StringComparison.OrdinalIgnoreCase) && !name.Contains("md5", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Whether clients of a TLS listener that names authorities must have a certificate.</summary>
public enum ClientCertificates
{
    /// <summary>Without one there is no connection.</summary>
    Required,

    /// <summary>One that comes must be good; the policy decides on those without.</summary>
    Optional,
}
