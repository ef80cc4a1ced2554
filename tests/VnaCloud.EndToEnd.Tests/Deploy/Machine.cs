using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Deploy;

/// <summary>A folder that stands for the volumes, secrets and working directory of a container or a unit.</summary>
internal sealed class Machine : IDisposable
{
    // Places that deployments use, to be found below the folder instead.
    private static readonly string[] Places = ["/tmp", "/data", "/cache", "/run/secrets", "/var/lib", "/etc/vnacloud", "/app"];
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("vnacloud-deploy-");

    public Machine(IReadOnlyDictionary<string, string> environment)
    {
        Environment = environment.ToDictionary(pair => pair.Key, pair => Here(pair.Value));
        foreach (var place in Places)
        {
            Directory.CreateDirectory(_root.FullName + place);
        }
        using var certificates = new Certificates();
        using var own = certificates.Make("gateway");
        Write("/run/secrets/dimse/tls.crt", own.ExportCertificatePem());
        Write("/run/secrets/dimse/tls.key", System.Security.Cryptography.X509Certificates.RSACertificateExtensions.GetRSAPrivateKey(own)!.ExportPkcs8PrivateKeyPem());
        Write("/run/secrets/dimse/ca.crt", certificates.Authority.ExportCertificatePem());
        Write("/run/secrets/vnacloud/token", "made-up");
    }

    public string Folder => _root.FullName;

    public IReadOnlyDictionary<string, string> Environment { get; }

    public Task WriteSettingsAsync(string json) => File.WriteAllTextAsync(Path.Combine(Folder, "appsettings.json"), Here(json));

    /// <summary>Puts a file where the deployment has one.</summary>
    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root.FullName + path)!);
        File.WriteAllText(_root.FullName + path, text);
    }

    public void Dispose() => _root.Delete(recursive: true);

    private string Here(string text) => Places.Aggregate(text, (now, place) =>
        now.StartsWith(place, StringComparison.Ordinal) ? _root.FullName + now : now.Replace($"\"{place}/", $"\"{_root.FullName}{place}/", StringComparison.Ordinal));
}
