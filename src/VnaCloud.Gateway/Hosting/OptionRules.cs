using System.Net;
using VnaCloud.Dicom;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Remotes;

namespace VnaCloud.Gateway.Hosting;

/// <summary>What settings must not be, alone or together. One sentence each.</summary>
internal static class OptionRules
{
    private const int MostCompressed = 50;

    public static IEnumerable<string> Check(GatewayOptions options) =>
        [.. Addresses(options), .. Devices(options), .. Archives(options), .. Rules(options), .. Limits(options)];

    private static IEnumerable<string> Addresses(GatewayOptions options)
    {
        if (!IPAddress.TryParse(options.Dimse.Address, out _))
        {
            yield return "Gateway:Dimse:Address must be an IP address of this machine, such as 127.0.0.1, or 0.0.0.0 for all.";
        }
        foreach (var url in options.Http.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).DefaultIfEmpty(""))
        {
            if (!IsAddress(url))
            {
                yield return "Gateway:Http:Urls must be addresses such as http://127.0.0.1:8081, separated by semicolons.";
            }
        }
        if (options.Spool.Path.Length == 0)
        {
            yield return "Gateway:Spool:Path must name a folder, on a disk that survives.";
        }
    }

    private static IEnumerable<string> Devices(GatewayOptions options)
    {
        if (!IsAeTitle(options.AeTitle))
        {
            yield return "Gateway:AeTitle must be 1 to 16 printable ASCII characters, without backslash.";
        }
        foreach (var (remote, i) in options.RemoteAes.Select((remote, i) => (remote, i)))
        {
            if (!IsAeTitle(remote.AeTitle))
            {
                yield return $"Gateway:RemoteAes:{i}:AeTitle must be 1 to 16 printable ASCII characters, without backslash.";
            }
            foreach (var address in remote.Addresses.Where(address => !RemoteAes.IsNetwork(address)))
            {
                yield return $"Gateway:RemoteAes:{i}:Addresses must be addresses or networks, such as 10.1.2.3 or 10.1.2.0/24.";
            }
            foreach (var uid in remote.PrivateSopClasses.Concat(remote.TransferSyntaxes).Where(uid => !DicomUid.IsValid(uid)))
            {
                yield return $"Gateway:RemoteAes:{i}: PrivateSopClasses and TransferSyntaxes must be UIDs.";
            }
            if (remote.CharacterSet.Length > 0 && SpecificCharacterSet.Parse([remote.CharacterSet]).HasUnknownTerm)
            {
                yield return $"Gateway:RemoteAes:{i}:CharacterSet must be a Defined Term of PS3.3 C.12.1.1.2, such as ISO_IR 100.";
            }
        }
        if (options.Dimse.TlsPort > 0 && (!File.Exists(options.Dimse.Tls.CertificateFile) || !File.Exists(options.Dimse.Tls.KeyFile)))
        {
            yield return "Gateway:Dimse:TlsPort needs Gateway:Dimse:Tls:CertificateFile and KeyFile, two PEM files that exist.";
        }
        if (options.Dimse.Tls.AuthoritiesFile is { } authorities && !File.Exists(authorities))
        {
            yield return "Gateway:Dimse:Tls:AuthoritiesFile must name a PEM file with certificates; there is none.";
        }
        // Certificates are asked for by the names of their authorities: without some, nobody would have to show one.
        if (options.Dimse is { TlsPort: > 0, Tls: { RequireClientCertificate: true, AuthoritiesFile: null } })
        {
            yield return "Gateway:Dimse:Tls:RequireClientCertificate needs AuthoritiesFile, who may have signed them; set it, or RequireClientCertificate to false.";
        }
        foreach (var twice in options.RemoteAes.GroupBy(remote => remote.AeTitle.Trim(), StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return $"Gateway:RemoteAes has the AE title {twice.Key} twice; give each device its own.";
        }
    }

    private static IEnumerable<string> Archives(GatewayOptions options)
    {
        if (options.Archive.Name != ArchiveOptions.Main)
        {
            yield return $"Gateway:Archive:Name cannot be changed; the names of Gateway:Destinations can.";
        }
        foreach (var (archive, path) in options.Destinations.Select((archive, i) => (archive, $"Gateway:Destinations:{i}")).Prepend((options.Archive, "Gateway:Archive")))
        {
            if (!(Uri.TryCreate(archive.Url, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }))
            {
                yield return $"{path}:Url must be an absolute http or https URL without query and user, such as https://pacs.example/dicom-web.";
            }
            if (archive.Compression != ForwardCompression.None && !File.Exists(options.Codecs.Program ?? Path.Combine(AppContext.BaseDirectory, "vna-codec")))
            {
                yield return $"{path}:Compression needs the codec worker: set Gateway:Codecs:Program to vna-codec, or {path}:Compression to None.";
            }
            if (archive.Compression != ForwardCompression.None && archive.BatchObjects > MostCompressed)
            {
                yield return $"{path}:BatchObjects must not be greater than {MostCompressed} with {path}:Compression: a request's header has a digest for each object.";
            }
            if (archive.MinConnections > archive.MaxConnections)
            {
                yield return $"{path}:MinConnections must not be greater than {path}:MaxConnections.";
            }
            if (archive.TokenFile is { } token && !File.Exists(token))
            {
                yield return $"{path}:TokenFile must name a file with a bearer token; there is none.";
            }
            if (archive.TokenUrl is { } endpoint && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var issuer) && (issuer.Scheme == "https" || (issuer.Scheme == "http" && issuer.IsLoopback))))
            {
                yield return $"{path}:TokenUrl must be the https URL of the provider's token endpoint.";
            }
            if (archive.TokenUrl is not null && (archive.ClientId is null || !File.Exists(archive.ClientSecretFile)))
            {
                yield return $"{path}:TokenUrl needs {path}:ClientId, and {path}:ClientSecretFile that names a file with the client's secret.";
            }
        }
        foreach (var twice in options.AllDestinations.GroupBy(archive => archive.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return $"Two of Gateway:Destinations are named {twice.Key} ({ArchiveOptions.Main} is Gateway:Archive); set another Name.";
        }
    }

    private static IEnumerable<string> Rules(GatewayOptions options)
    {
        foreach (var (rule, i) in options.Rules.Select((rule, i) => (rule, i)))
        {
            if (options.AllDestinations.All(archive => archive.Name != rule.Destination))
            {
                yield return $"Gateway:Rules:{i}:Destination must be {ArchiveOptions.Main} or the Name of one of Gateway:Destinations.";
            }
            if (rule.Tag is { } text && (!DicomTag.TryParseHex(text, out var tag) || tag >= ForwardRules.FirstPixels))
            {
                yield return $"Gateway:Rules:{i}:Tag must be eight hexadecimal digits of an attribute before the pixel data, such as 00081010.";
            }
            if ((rule.Tag is null) != (rule.Value is null))
            {
                yield return $"Gateway:Rules:{i}:Tag and Gateway:Rules:{i}:Value go together; set both or neither.";
            }
        }
        foreach (var (hours, i) in options.Bandwidth.Schedule.Select((hours, i) => (hours, i)))
        {
            if (!BandwidthHours.TryParse(hours, out _))
            {
                yield return $"Gateway:Bandwidth:Schedule:{i} must be hours and megabits per second, such as Mon-Fri 07:00-18:00 20.";
            }
        }
    }

    private static IEnumerable<string> Limits(GatewayOptions options)
    {
        if (options.Spool.LowFreeBytes < options.Spool.MinFreeBytes)
        {
            yield return "Gateway:Spool:LowFreeBytes, the soft watermark, must not be less than Gateway:Spool:MinFreeBytes, the hard one.";
        }
    }

    private static bool IsAeTitle(string title) =>
        title.Trim().Length is >= 1 and <= 16 && title.All(character => character is >= ' ' and <= '~' and not '\\');

    private static bool IsAddress(string url)
    {
        try
        {
            return url.Contains("://", StringComparison.Ordinal) && BindingAddress.Parse(url).Port >= 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
