using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using VnaCloud.TestKit;

namespace VnaCloud.Dimse.Tests;

/// <summary>The BCP 195 profile, by DCMTK's programs and by clients that do what they should not (B20, B56, attack 85).</summary>
public sealed class TlsTests : IDisposable
{
    private readonly Certificates _certificates = new();
    private readonly Folder _folder = new();

    [Fact]
    public async Task Dcmtk_CallsWithItsCertificate_IsServedAndSeen()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        X509Certificate2? seen = null;
        await using var scp = Listen(Mutual(), offer => seen = offer.ClientCertificate);
        var (key, certificate) = Certificates.Save(_folder, "modality", _certificates.Make("modality"));
        var (_, authority) = Certificates.Save(_folder, "ca", _certificates.Authority);
        var (exit, text) = await Dcmtk.RunAsync("echoscu", "+tls", key, certificate, "+cf", authority, "127.0.0.1", $"{scp.Port}");
        Assert.True(exit == 0, text);
        Assert.Equal("CN=modality", seen!.Subject);
    }

    [Fact]
    public async Task Dcmtk_CallsWithoutCertificate_IsRefused_AndServedWhereThatIsOptional()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        var (_, authority) = Certificates.Save(_folder, "ca", _certificates.Authority);
        await using var required = Listen(Mutual());
        await using var optional = Listen(Mutual() with { ClientCertificates = ClientCertificates.Optional });
        Assert.NotEqual(0, (await Dcmtk.RunAsync("echoscu", "+tla", "+cf", authority, "127.0.0.1", $"{required.Port}")).ExitCode);
        var (exit, text) = await Dcmtk.RunAsync("echoscu", "+tla", "+cf", authority, "127.0.0.1", $"{optional.Port}");
        Assert.True(exit == 0, text);
        Assert.Contains(required.Dropped, end => end.Detail.StartsWith("TLS handshake", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dcmtk_IsCalledOverTls_TakesAStore()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        var (key, certificate) = Certificates.Save(_folder, "archive", _certificates.Make("archive"));
        var (_, authority) = Certificates.Save(_folder, "ca", _certificates.Authority);
        using var received = new Folder();
        using var server = await Dcmtk.StartAsync("storescp", port => ["+tls", key, certificate, "+cf", authority, $"{port}"], received.Path);
        var options = DcmtkScpTests.Client(server.Port, (TestScp.CtStorage, [TestScp.ExplicitLittle])) with
        {
            Tls = new DimseTlsOptions { Certificate = _certificates.Make("gateway"), Authorities = _certificates.Trusted },
        };
        await using var association = await DimseAssociation.ConnectAsync(options);
        var (instance, data) = DcmtkScuTests.Instance(1);
        Assert.True((await association.StoreAsync(association.FindContext(TestScp.CtStorage)!, instance, data)).Status.IsSuccess);
        await association.ReleaseAsync();
        Assert.Single(Directory.GetFiles(received.Path));
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("stranger")]
    [InlineData("sha1")]
    public async Task ClientCertificate_ThatProvesNothing_EndsTheHandshake(string kind)
    {
        using var others = new Certificates(isStranger: true);
        await using var scp = Listen(Mutual());
        var certificate = kind switch
        {
            "expired" => _certificates.Make("late", validDays: -1),
            "sha1" => _certificates.Make("weak", isSha1: true),
            _ => others.Make("stranger"),
        };
        var options = scp.Client() with { Tls = new DimseTlsOptions { Certificate = certificate, Authorities = _certificates.Trusted } };
        await Assert.ThrowsAsync<AssociationException>(() => DimseAssociation.ConnectAsync(options));
        await using var honest = await DimseAssociation.ConnectAsync(options with { Tls = options.Tls with { Certificate = _certificates.Make("good") } });
        Assert.True((await honest.EchoAsync()).Status.IsSuccess);
    }

    [Theory]
    [InlineData("old")]
    [InlineData("cbc")]
    [InlineData("rsa")]
    public async Task Client_ThatOffersWeakTlsOnly_IsRefused(string kind)
    {
        await using var scp = Listen(new DimseTlsOptions { Certificate = _certificates.Make("archive") });
        using var client = new TcpClient("127.0.0.1", scp.Port);
#pragma warning disable CA1416, CA5359, CA5397, SYSLIB0039 // What must be refused has to be offered, and is not refused by this side.
        await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "archive",
            EnabledSslProtocols = kind == "old" ? SslProtocols.Tls11 : SslProtocols.Tls12,
            CipherSuitesPolicy = kind == "old" ? null : new CipherSuitesPolicy(
                [kind == "cbc" ? TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA : TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256]),
        }));
#pragma warning restore CA1416, CA5359, CA5397, SYSLIB0039
        await using var honest = await DimseAssociation.ConnectAsync(scp.Client() with { Tls = Trusting() });
        Assert.True((await honest.EchoAsync()).Status.IsSuccess);
    }

    [Fact]
    public async Task Server_WhoseNameOrAuthorityIsAnother_IsNotSpokenTo()
    {
        await using var scp = Listen(new DimseTlsOptions { Certificate = _certificates.Make("archive") });
        await Assert.ThrowsAsync<AssociationException>(() => DimseAssociation.ConnectAsync(scp.Client() with { Tls = Trusting() with { ServerName = "other" } }));
        using var others = new Certificates(isStranger: true);
        await Assert.ThrowsAsync<AssociationException>(() => DimseAssociation.ConnectAsync(scp.Client() with { Tls = new DimseTlsOptions { Authorities = others.Trusted } }));
    }

    [Fact]
    public async Task ClearClientAndStalledHandshake_EndByThemselves_OthersAreServed()
    {
        var time = new ManualTime();
        await using var scp = TestScp.Start(change: options => options with { Tls = new DimseTlsOptions { Certificate = _certificates.Make("archive") }, Time = time });
        using var clear = scp.Raw().Send(PduWriter.Write(RawPeer.Request()));
        Assert.True(clear.Receive() is null or { Type: not PduType.AssociateAccept });
        using var stalled = scp.Raw();
        await using var honest = await DimseAssociation.ConnectAsync(scp.Client() with { Tls = Trusting() });
        Assert.True((await honest.EchoAsync()).Status.IsSuccess);
        await honest.ReleaseAsync();
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.True(stalled.IsClosed());
        await TestScp.UntilAsync(() => scp.Dropped.Count == 2, "two dropped connections");
        Assert.Contains(scp.Dropped, end => end.Cause == AssociationEndCause.TimedOut);
    }

    [Fact]
    public async Task TlsClient_CallsAClearServer_FailsInTime()
    {
        await using var scp = TestScp.Start();
        await Assert.ThrowsAsync<AssociationException>(() => DimseAssociation.ConnectAsync(scp.Client() with { Tls = Trusting() }));
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    private DimseTlsOptions Mutual() => new() { Certificate = _certificates.Make("archive"), Authorities = _certificates.Trusted };

    private DimseTlsOptions Trusting() => new() { Authorities = _certificates.Trusted };

    private static TestScp Listen(DimseTlsOptions tls, Action<AssociationOffer>? see = null) => TestScp.Start(change: options => options with { Tls = tls }, policy: (offer, _) =>
    {
        see?.Invoke(offer);
        return new(TestScp.Accept((_, _) => Task.FromResult(DimseResponse.Success)));
    });
}
