using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography.X509Certificates;
using VnaCloud.Dimse;

namespace VnaCloud.Gateway.Hosting;

/// <summary><c>Gateway:Dimse</c>: where devices connect to.</summary>
internal sealed class DimseSettings
{
    /// <summary>An address of this machine. Default 127.0.0.1.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Default 11112.</summary>
    [Range(0, 65535)]
    public int Port { get; init; } = 11112;

    /// <summary>A second port, for TLS; 2762 is the registered one. Default 0: none.</summary>
    [Range(0, 65535)]
    public int TlsPort { get; init; }

    public DimseTlsSettings Tls { get; init; } = new();

    /// <summary>Associations at once, over all devices. Default 200.</summary>
    [Range(1, 10_000)]
    public int MaxAssociations { get; init; } = 200;

    /// <summary>
    /// Seconds without any message, nothing being under way, after which an association ends. Default 45: with ARTIM the place of a device that is
    /// gone without a word is free within a minute.
    /// </summary>
    [Range(1, 3600)]
    public int IdleSeconds { get; init; } = 45;
}

/// <summary><c>Gateway:Dimse:Tls</c> (PS3.15 B.12, BCP 195).</summary>
internal sealed class DimseTlsSettings
{
    /// <summary>The gateway's certificate, PEM. Default none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its key, PEM. Default none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Who may have signed the devices' certificates, PEM. Default none: devices are not asked for any, and of those that are called the system's authorities are believed.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>Devices must show a certificate, for which <see cref="AuthoritiesFile"/> is needed. Default true.</summary>
    public bool RequireClientCertificate { get; init; } = true;

    /// <summary>The certificate with its key; null without.</summary>
    public X509Certificate2? Certificate() =>
        CertificateFile is null || KeyFile is null ? null : X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile);

    /// <summary>The authorities; null for the system's.</summary>
    public X509Certificate2Collection? Authorities()
    {
        if (AuthoritiesFile is null)
        {
            return null;
        }
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(AuthoritiesFile);
        return authorities;
    }

    public DimseTlsOptions ForListener() => new()
    {
        Certificate = Certificate(),
        Authorities = Authorities(),
        ClientCertificates = RequireClientCertificate ? ClientCertificates.Required : ClientCertificates.Optional,
    };
}
