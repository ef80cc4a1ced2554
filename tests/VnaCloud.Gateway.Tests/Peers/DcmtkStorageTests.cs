using VnaCloud.Gateway.Tests.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>DCMTK's programs as devices that store.</summary>
public sealed class DcmtkStorageTests : IDisposable
{
    private const string Device = "CT1";
    private const string SecureDevice = "CT2";
    private const string Study = "1.2.826.0.2.1";

    private readonly Folder _folder = new();

    [Fact]
    public async Task Devices_SendManyFilesOverOneAssociation_TheArchiveHasThemByteForByte()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var certificates = new Certificates();
        var tlsPort = FreePorts.Take();
        await using var site = await Site.StartAsync([.. Site.Remote(0, Device), .. Site.Remote(1, SecureDevice, 0, "CertificateName=ct2.example"), .. Tls(certificates, tlsPort)]);
        var (key, certificate) = Certificates.Save(_folder, SecureDevice, certificates.Make("ct2.example"));
        string[] secure = ["+tls", key, certificate, "+cf", Path.Combine(_folder.Path, "ca.pem"), "-aet", SecureDevice, "127.0.0.1", $"{tlsPort}"];
        string[] clear = ["-aet", Device, "127.0.0.1", $"{site.Port}"];
        var files = Enumerable.Range(1, 3).ToDictionary(series => series, Make);
        foreach (var (program, arguments, sent) in new[] { ("storescu", clear, files[1]), ("dcmsend", clear, files[2]), ("storescu", secure, files[3]) })
        {
            var (exit, text) = await Dcmtk.RunAsync(program, ["-v", "-aec", Site.AeTitle, .. arguments, .. sent.Keys]);
            Assert.True(exit == 0, text);
        }
        // The right title without its certificate.
        var (refused, why) = await Dcmtk.RunAsync("storescu", ["-aec", Site.AeTitle, "-aet", SecureDevice, "127.0.0.1", $"{site.Port}", .. files[1].Keys]);
        Assert.NotEqual(0, refused);
        Assert.Contains("Calling AE Title Not Recognized", why, StringComparison.Ordinal);

        await site.UntilArchivedAsync(files.Values.Sum(series => series.Count));
        using var archive = site.DicomWeb;
        foreach (var (path, file) in files.Values.SelectMany(series => series))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Path.GetFileNameWithoutExtension(path).Replace('_', '/'), UriKind.Relative));
            request.Headers.TryAddWithoutValidation("Accept", "application/dicom; transfer-syntax=*");
            using var answer = await archive.SendAsync(request);
            Assert.Equal(Files.DataSetBytes(file), Files.DataSetBytes(await answer.Content.ReadAsByteArrayAsync()));
        }
    }

    [Fact]
    [Trait("gateway", "B1")]
    [Trait("gateway", "B31")]
    public async Task Echoscu_IsAnsweredOrToldWhyNot()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        await using var site = await Site.StartWithoutArchiveAsync("http://127.0.0.1:1/dicom-web", Site.Remote(0, Device));
        foreach (var (called, calling, says) in new[] { (Site.AeTitle, Device, ""), ("OTHER", Device, "Called AE Title Not Recognized"), (Site.AeTitle, "OTHER", "Calling AE Title Not Recognized") })
        {
            var (exit, text) = await Dcmtk.RunAsync("echoscu", "-aec", called, "-aet", calling, "--repeat", "3", "127.0.0.1", $"{site.Port}");
            Assert.True((exit == 0) == (says.Length == 0), text);
            Assert.Contains(says, text, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Dispose();

    // Files by their paths; the name says where the archive has it.
    private Dictionary<string, byte[]> Make(int series) => Enumerable.Range(1, 30).Select(i => new InstanceSpec(Study, $"{Study}.{series}", $"{Study}.{series}.{i}") { InstanceNumber = i, Rows = 64, Columns = 64 })
        .ToDictionary(spec => _folder.File($"studies_{spec.Study}_series_{spec.Series}_instances_{spec.Sop}.dcm", Instances.File(spec)), spec => Instances.File(spec));

    private string[] Tls(Certificates certificates, int port)
    {
        var (key, certificate) = Certificates.Save(_folder, "gateway", certificates.Make("gateway"));
        var (_, authority) = Certificates.Save(_folder, "ca", certificates.Authority);
        return [$"--Gateway:Dimse:TlsPort={port}", $"--Gateway:Dimse:Tls:CertificateFile={certificate}", $"--Gateway:Dimse:Tls:KeyFile={key}", $"--Gateway:Dimse:Tls:AuthoritiesFile={authority}"];
    }
}
