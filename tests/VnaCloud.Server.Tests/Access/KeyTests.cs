using System.Net;
using System.Security.Cryptography;
using System.Text;
using VnaCloud.Server.Tests.Hosting;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Access;

/// <summary>Keys of the configuration, as bearer tokens and at the page.</summary>
public sealed class KeyTests
{
    private static readonly string[] Settings = ["--Vna:Auth:Mode=ApiKey", $"--Vna:Auth:Keys:0=gateway write {Hash("of the gateway")}", $"--Vna:Auth:Keys:1=reader read {Hash("of the reader")}"];

    [Fact]
    public async Task Key_HasItsRights()
    {
        await using var server = await WireServer.StartAsync(Settings);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "of the reader"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(server, "of the gateway"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "of the Reader"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, Hash("of the reader")));
    }

    [Fact]
    public async Task Page_WithoutSession_LeadsToTheSignInAndBack()
    {
        await using var server = await WireServer.StartAsync(Settings);
        using var page = await server.Server.SendAsync(HttpMethod.Get, "?q=x");
        Assert.Equal("/access/sign-in?return=%2F%3Fq%3Dx", page.Headers.Location!.ToString());
        using var form = await server.Server.SendAsync(HttpMethod.Get, "access/sign-in?return=%2F%3Fq%3Dx");
        Assert.Contains("<form method=\"post\"", await form.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var (location, cookie) = await SignInAsync(server, "of the reader", "/?q=x");

        Assert.Equal("/?q=x", location);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        using var signedIn = await server.Server.SendAsync(HttpMethod.Get, "", ("Cookie", cookie.Split(';')[0]));
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        using var me = await server.Server.SendAsync(HttpMethod.Get, "access/me", ("Cookie", cookie.Split(';')[0]));
        Assert.Equal("""{"name":"reader","rights":["read"],"guest":false,"limited":false,"download":true,"signedIn":true}""", await me.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("//evil.example/", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("", "/")]
    [InlineData("/viewer/viewer?StudyInstanceUIDs=1.2", "/viewer/viewer?StudyInstanceUIDs=1.2")]
    public async Task SignIn_LeadsNowhereElse(string wanted, string location)
    {
        await using var server = await WireServer.StartAsync(Settings);

        Assert.Equal(location, (await SignInAsync(server, "of the reader", wanted)).Location);
    }

    [Fact]
    public async Task SignIn_WithAWrongKey_AsksAgain_AndNotWithoutEnd()
    {
        await using var server = await WireServer.StartAsync([.. Settings, "--Vna:Auth:TriesPerMinute=5"]);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(("/access/sign-in?wrong=1&return=%2F", ""), await SignInAsync(server, "wrong", "/"));
        }
        for (var i = 0; i < 5 * (server.Server.Count - 1); i++)
        {
            await SignInAsync(server, "wrong", "/");
        }

        using var answer = await PostAsync(server, "of the reader", "/");

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
    }

    [Fact]
    public async Task SignIn_FromAnotherSite_IsRefused()
    {
        await using var server = await WireServer.StartAsync(Settings);
        using var answer = await PostAsync(server, "of the reader", "/", ("Origin", "https://evil.example"));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Session_OfAKeyThatWasTakenAway_IsOver()
    {
        var folder = Directory.CreateTempSubdirectory("vnacloud-keys-").FullName;
        string cookie;
        await using (var server = await WireServer.StartAtAsync(folder, null, Settings))
        {
            cookie = (await SignInAsync(server, "of the reader", "/")).Cookie.Split(';')[0];
        }
        await using (var same = await WireServer.StartAtAsync(folder, null, Settings))
        {
            using var known = await same.GetAsync("studies", ("Cookie", cookie));
            Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        }
        await using var other = await WireServer.StartAtAsync(folder, null, Settings[..2]);
        using var gone = await other.GetAsync("studies", ("Cookie", cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, gone.StatusCode);
    }

    [Theory]
    [InlineData("vna-session=CfDJ8nonsense")]
    [InlineData("vna-share=CfDJ8nonsense")]
    [InlineData("vna-session=; vna-share=")]
    public async Task Cookie_ThatIsNotOurs_IsNobodys(string cookie)
    {
        await using var server = await WireServer.StartAsync(Settings);
        using var answer = await server.GetAsync("studies", ("Cookie", cookie));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task SignOut_EndsTheSession_AndWhatTheBrowserKept()
    {
        await using var server = await WireServer.StartAsync(Settings);
        using var answer = await server.Server.SendAsync(HttpMethod.Post, "access/sign-out");

        Assert.Equal("\"cache\"", answer.Headers.GetValues("Clear-Site-Data").Single());
        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("expires=Thu, 01 Jan 1970", cookie, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("--Vna:Auth:Keys:0=gateway write", "Vna:Auth:Keys:0 must be NAME RIGHTS SHA256")]
    [InlineData("--Vna:Auth:Keys:0=gateway rite 0000000000000000000000000000000000000000000000000000000000000000", "Vna:Auth:Keys:0 must be NAME RIGHTS SHA256")]
    [InlineData("--Vna:Auth:Mode=Oidc", "needs Vna:Auth:Oidc:Authority")]
    [InlineData("--Vna:Auth:Oidc:Authority=http://login.example", "Vna:Auth:Oidc:Authority must be https")]
    [InlineData("--Vna:Auth:Oidc:Authority=https://login.example", "needs Vna:Auth:Oidc:Audience")]
    [InlineData("--Vna:Auth:Oidc:Roles:0=reader", "Vna:Auth:Oidc:Roles:0 must be ROLE=RIGHTS")]
    public async Task Settings_ThatCannotBe_AreNamed(string setting, string sentence)
    {
        string[] mode = setting.Contains("Oidc", StringComparison.Ordinal) ? ["--Vna:Auth:Mode=Oidc"] : ["--Vna:Auth:Mode=ApiKey"];
        var refused = await Assert.ThrowsAsync<Server.Hosting.StartRefusedException>(() => TestServer.StartAsync([.. mode, setting]));

        Assert.Contains(refused.Reasons, reason => reason.Contains(sentence, StringComparison.Ordinal));
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static async Task<HttpStatusCode> StatusAsync(WireServer server, string key)
    {
        using var answer = await server.GetAsync("studies", ("Authorization", $"Bearer {key}"));
        return answer.StatusCode;
    }

    private static async Task<(string Location, string Cookie)> SignInAsync(WireServer server, string key, string back)
    {
        using var answer = await PostAsync(server, key, back);
        return (answer.Headers.Location!.ToString(), answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Single() : "");
    }

    private static async Task<HttpResponseMessage> PostAsync(WireServer server, string key, string back, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server.Server.Address}access/sign-in")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["key"] = key, ["return"] = back }),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }
        return await server.Client.SendAsync(request);
    }
}
