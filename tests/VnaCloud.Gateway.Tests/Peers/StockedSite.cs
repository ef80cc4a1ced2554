using VnaCloud.Dicom;
using VnaCloud.Gateway.Tests.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>
/// A gateway with a clear and a TLS port, an archive that has studies, and DCMTK's storescp listening under several names. For tests that only
/// query and retrieve, and so can share it.
/// </summary>
public sealed class StockedSite : IAsyncLifetime
{
    internal const string Workstation = "WS1";
    internal const string Study = "1.2.826.0.1.1";
    internal const string Ct = Study + ".1";
    internal const string Mr = Study + ".2";
    internal const string Deflated = "1.2.826.0.1.2";
    internal const string Large = "1.2.826.0.1.3";
    internal const string Implicit = "1.2.826.0.1.4";
    internal const string NoStorage = "1.2.826.0.1.5";
    internal const int LargeInstances = 4_000;

    private readonly Folder _folder = new();
    private readonly Certificates _certificates = new();
    private readonly List<Dcmtk.Server> _servers = [];
    private readonly Dictionary<string, string> _received = [];
    private Site? _site;

    internal Site Gateway => _site!;

    internal int Port => _site!.Port;

    internal int TlsPort { get; } = FreePorts.Take();

    /// <summary>The files of the small studies by SOP Instance UID.</summary>
    internal IReadOnlyDictionary<string, byte[]> Files { get; } = Make();

    /// <summary>A lossless JPEG of the corpus; null without the corpus.</summary>
    internal byte[]? Jpeg { get; } = Corpus.Exists ? Corpus.Ok.Single(file => file.Name == "dcm4che-mr-jpeglosslesssv1.dcm").ReadBytes() : null;

    /// <summary>Options of DCMTK's programs for the TLS port.</summary>
    internal string[] Tls { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        if (!Dcmtk.Exists)
        {
            return;
        }
        var (key, certificate) = Certificates.Save(_folder, "gateway", _certificates.Make("gateway"));
        var (_, authority) = Certificates.Save(_folder, "ca", _certificates.Authority);
        var (ownKey, ownCertificate) = Certificates.Save(_folder, "workstation", _certificates.Make("workstation"));
        Tls = ["+tls", ownKey, ownCertificate, "+cf", authority];
        string[] remotes =
        [
            .. Site.Remote(0, Workstation),
            .. await ListenAsync(1, "ANY", ["+B", "+xa"]),
            .. await ListenAsync(2, "PLAIN", ["+B"]),
            .. await ListenAsync(3, "IMPLICIT", ["+B", "+xi"]),
            .. await ListenAsync(4, "SECURE", ["+B", "+xa", "+tls", ownKey, ownCertificate, "+cf", authority], "Tls=true"),
            .. Site.Remote(5, "GONE", FreePorts.Take()),
            .. Site.Remote(6, "LATIN", 0, "CharacterSet=ISO_IR 100"),
        ];
        _site = await Site.StartAsync(
            [.. remotes, $"--Gateway:Dimse:TlsPort={TlsPort}", $"--Gateway:Dimse:Tls:CertificateFile={certificate}", $"--Gateway:Dimse:Tls:KeyFile={key}", $"--Gateway:Dimse:Tls:AuthoritiesFile={authority}"]);
        await Peers.Files.StowAsync(_site, Files.Values);
        await Peers.Files.StowAsync(_site, Enumerable.Range(1, LargeInstances).Select(i => Instances.Ct(Large, Large + ".1", $"{Large}.1.{i}", i)));
        if (Jpeg is not null)
        {
            await Peers.Files.StowAsync(_site, [Jpeg]);
        }
    }

    /// <summary>What one of the destinations has received since it was last asked: the files, which go.</summary>
    internal IReadOnlyList<byte[]> Take(string destination)
    {
        var paths = Directory.GetFiles(_received[destination]);
        var files = paths.Select(File.ReadAllBytes).ToList();
        Array.ForEach(paths, File.Delete);
        return files;
    }

    /// <summary>Runs one of DCMTK's clients against the clear port.</summary>
    internal Task<(int ExitCode, string Text)> RunAsync(string program, string calling, params string[] arguments) =>
        Dcmtk.RunAsync(program, ["-v", "-aec", Site.AeTitle, "-aet", calling, "127.0.0.1", $"{Port}", .. arguments]);

    public async ValueTask DisposeAsync()
    {
        if (_site is not null)
        {
            await _site.DisposeAsync();
        }
        _servers.ForEach(server => server.Dispose());
        _certificates.Dispose();
        _folder.Dispose();
    }

    private async Task<string[]> ListenAsync(int index, string aeTitle, string[] options, params string[] more)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, aeTitle)).FullName;
        var server = await Dcmtk.StartAsync("storescp", port => ["-aet", aeTitle, .. options, "-od", folder, $"{port}"], folder);
        _servers.Add(server);
        _received.Add(aeTitle, folder);
        return Site.Remote(index, aeTitle, server.Port, more);
    }

    private static Dictionary<string, byte[]> Make()
    {
        var mueller = new InstanceSpec(Study, Ct, "") { PatientName = "Müller^Jürgen", PatientId = "P1", AccessionNumber = "ACC1", StudyDescription = "Schädel" };
        InstanceSpec[] specs =
        [
            .. Enumerable.Range(1, 3).Select(i => mueller with { Sop = $"{Ct}.{i}", InstanceNumber = i }),
            .. Enumerable.Range(1, 2).Select(i => mueller with { Series = Mr, Sop = $"{Mr}.{i}", InstanceNumber = i, Modality = "MR", SeriesNumber = 2, SopClass = "1.2.840.10008.5.1.4.1.1.4" }),
            new InstanceSpec(Deflated, Deflated + ".1", Deflated + ".1.1") { PatientName = "Doe^Jane", PatientId = "P2", Syntax = TransferSyntax.DeflatedExplicitVrLittleEndian },
            new InstanceSpec(Implicit, Implicit + ".1", Implicit + ".1.1") { PatientName = "Doe^Jane", PatientId = "P4", Syntax = TransferSyntax.ImplicitVrLittleEndian },
            // Protocol Approval Storage, which storescp does not take.
            new InstanceSpec(NoStorage, NoStorage + ".1", NoStorage + ".1.1") { PatientId = "P5", SopClass = "1.2.840.10008.5.1.4.1.1.200.3" },
        ];
        return specs.ToDictionary(spec => spec.Sop, spec => Instances.File(spec));
    }
}
