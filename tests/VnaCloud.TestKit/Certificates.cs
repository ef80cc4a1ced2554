using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VnaCloud.TestKit;

/// <summary>An authority and certificates of its, made for a test.</summary>
public sealed class Certificates : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    // Making keys is what takes the time: all leaves share one.
    private static readonly RSA LeafKey = RSA.Create(2048);
    private static readonly RSA[] AuthorityKeys = [RSA.Create(2048), RSA.Create(2048)];
    private readonly RSA _key;

    public Certificates(bool isStranger = false)
    {
        _key = AuthorityKeys[isStranger ? 1 : 0];
        var request = new CertificateRequest("CN=Test authority", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Authority = request.CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30));
    }

    public X509Certificate2 Authority { get; }

    public X509Certificate2Collection Trusted => [Authority];

    public X509Certificate2 Make(string name, int validDays = 10, bool isSha1 = false)
    {
        var request = new CertificateRequest($"CN={name}", LeafKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var issuer = isSha1 ? new Sha1(_key) : X509SignatureGenerator.CreateForRSA(_key, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(Authority.SubjectName, issuer, Now.AddDays(-20), Now.AddDays(validDays), RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(LeafKey);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Key and certificate as DCMTK wants them.</summary>
    public static (string Key, string Certificate) Save(Folder folder, string name, X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPrivateKey();
        return (folder.File($"{name}.key", System.Text.Encoding.ASCII.GetBytes(key?.ExportPkcs8PrivateKeyPem() ?? "")),
            folder.File($"{name}.pem", System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem())));
    }

    public void Dispose() => Authority.Dispose();

    /// <summary>sha1WithRSAEncryption, which the platform does not make any more.</summary>
    private sealed class Sha1(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Convert.FromHexString("300D06092A864886F70D0101050500");

#pragma warning disable CA5350 // What must be refused has to be made.
        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
#pragma warning restore CA5350

        protected override PublicKey BuildPublicKey() => new(key);
    }
}
