using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace VnaCloud.TestKit;

/// <summary>A real OpenID provider (tests/servers/oidc) on a free loopback port; who signs in is named by login_hint, else alice.</summary>
public sealed class OidcServer : IAsyncDisposable
{
    public const string Audience = "urn:vna";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private OidcServer(Process process, string url) => (_process, Url) = (process, url);

    /// <summary>Its issuer.</summary>
    public string Url { get; }

    /// <summary>Settings of a server whose pages sign in here.</summary>
    public string[] Settings =>
    [
        "--Vna:Auth:Mode=Oidc", $"--Vna:Auth:Oidc:Authority={Url}", $"--Vna:Auth:Oidc:Audience={Audience}", "--Vna:Auth:Oidc:ClientId=pages",
        "--Vna:Auth:Oidc:Roles:0=radiologist=read,write,share", "--Vna:Auth:Oidc:Roles:1=visitor=read", "--Vna:Auth:Oidc:Roles:2=administrator=read,write,delete,share,admin",
        "--Vna:Auth:Oidc:Roles:3=gateway=read,write",
    ];

    /// <summary>Starts it; null, and why, where it cannot run.</summary>
    /// <param name="who">Who signs in.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<(OidcServer? Server, string? WhyNot)> StartAsync(string who, CancellationToken cancellation)
    {
        var folder = Path.Combine(Path.GetDirectoryName(Here())!, "../servers/oidc");
        if (await NodeScripts.InstallAsync(folder, "oidc-provider", cancellation) is { } whyNot)
        {
            return (null, whyNot);
        }
        var port = FreePorts.Take();
        var start = new ProcessStartInfo("node", ["provider.mjs", $"{port}"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["WHO"] = who;
        var server = new OidcServer(Process.Start(start)!, $"http://127.0.0.1:{port}");
        server._process.ErrorDataReceived += static (_, _) => { };
        server._process.BeginErrorReadLine();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        if (await server._process.StandardOutput.ReadLineAsync(limit.Token) != "ready")
        {
            await server.DisposeAsync();
            throw new InvalidOperationException("The OpenID provider did not start.");
        }
        return (server, null);
    }

    /// <summary>A token of the gateway, by client credentials.</summary>
    public async Task<string> TokenAsync(string scope)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Url}/token")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["scope"] = scope }),
        };
        request.Headers.Authorization = new("Basic", Convert.ToBase64String("gateway:gateway-secret"u8));
        using var answer = await client.SendAsync(request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["access_token"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static string Here([CallerFilePath] string file = "") => file;
}
