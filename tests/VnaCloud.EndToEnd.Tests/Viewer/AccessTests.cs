using System.Net;
using Microsoft.Playwright;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>Signing in at a real OpenID provider, and share links, as somebody at a browser sees them.</summary>
[Collection("viewer")]
public sealed class AccessTests(ViewerFixture fixture)
{
    private static readonly Phantom Shared = new("1.2.826.0.1.3680043.10.7.390") { PatientId = "SHARED-1", PatientName = "Shared^Patient", Slices = 6 };
    private static readonly Phantom Hidden = new("1.2.826.0.1.3680043.10.7.391") { PatientId = "HIDDEN-1", PatientName = "Hidden^Patient", Slices = 6 };

    [Fact]
    public async Task SignIn_OpensTheViewer_AndALinkShowsItsStudyToAGuestAndNothingElse()
    {
        await using var provider = await ProviderAsync();
        await using var site = await fixture.StartSiteAsync(provider.Settings);
        await StoreAsync(site.BaseUrl, provider);
        await using var reader = await fixture.OpenAsync(site.BaseUrl, "viewer/", new(), provider.Url);
        await reader.Page.GetByText("Hidden, Patient").First.WaitForAsync();
        await reader.OpenFromListAsync("Shared, Patient");
        await reader.UntilViewportsAsync(1);
        await reader.UntilPixelAsync(pixel => pixel.IsGray(21), "50 HU", 0, 128, 128, (Shared.Slices - 1) * Phantom.SliceDistance);
        await reader.ScreenshotAsync("signed-in");
        await reader.AssertCleanAsync();

        var url = await reader.Page.EvaluateAsync<string>("""
            async ([shares, study]) => (await (await fetch(shares, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ study, passphrase: 'tell by phone' }) })).json()).url
            """, new[] { reader.Url("shares"), Shared.Study });
        await using var guest = await fixture.OpenAsync(site.BaseUrl, new Uri(url).PathAndQuery + new Uri(url).Fragment, new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        await guest.Page.GetByLabel("Passphrase").WaitForAsync();
        await guest.ScreenshotAsync("link-asks");
        Assert.DoesNotContain("#", guest.Page.Url, StringComparison.Ordinal);
        await guest.Page.GetByLabel("Passphrase").FillAsync("tell by phone");
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await guest.Page.WaitForURLAsync("**/viewer/viewer?**");
        await guest.UntilViewportsAsync(1);
        await guest.UntilPixelAsync(pixel => pixel.IsGray(21), "50 HU", 0, 128, 128, (Shared.Slices - 1) * Phantom.SliceDistance);
        await guest.ScreenshotAsync("link-opened");

        Assert.Equal(1, await CountAsync(guest, "studies"));
        Assert.Equal((int)HttpStatusCode.NotFound, await StatusAsync(guest, $"dicom-web/studies/{Hidden.Study}/metadata"));
        Assert.Equal((int)HttpStatusCode.Forbidden, await StatusAsync(guest, "shares"));
        Assert.Equal((int)HttpStatusCode.Forbidden, await StatusAsync(guest, ""));
        Assert.Equal((int)HttpStatusCode.Forbidden, await StatusAsync(guest, $"dicom-web/studies/{Shared.Study}"));
    }

    [Fact]
    public async Task Link_WithAWrongPassphrase_SaysSo_AndOneThatIsOverSaysThat()
    {
        await using var provider = await ProviderAsync();
        await using var site = await fixture.StartSiteAsync(provider.Settings);
        await StoreAsync(site.BaseUrl, provider);
        await using var reader = await fixture.OpenAsync(site.BaseUrl, "viewer/", new(), provider.Url);
        var link = await reader.Page.EvaluateAsync<string[]>("""
            async ([shares, study]) => { const made = await (await fetch(shares, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ study, passphrase: 'tell by phone' }) })).json(); return [made.id, made.url]; }
            """, new[] { reader.Url("shares"), Shared.Study });
        await using var guest = await fixture.OpenAsync(site.BaseUrl, new Uri(link[1]).PathAndQuery + new Uri(link[1]).Fragment, new() { ViewportSize = new() { Width = 390, Height = 844 } });
        await guest.Page.GetByLabel("Passphrase").FillAsync("a guess");
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await guest.Page.GetByText("That is not the passphrase.").WaitForAsync();
        await guest.ScreenshotAsync("link-wrong");

        Assert.Equal(204, await reader.Page.EvaluateAsync<int>("async link => (await fetch(link, { method: 'DELETE' })).status", reader.Url($"shares/{link[0]}")));
        await guest.Page.GetByLabel("Passphrase").FillAsync("tell by phone");
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await guest.Page.GetByText("This link opens nothing").WaitForAsync();
        await guest.ScreenshotAsync("link-over");
    }

    [Fact]
    public async Task Page_OfWhoSignedIn_ShowsTheName_AndMakesAndRevokesALink()
    {
        await using var provider = await ProviderAsync();
        await using var site = await fixture.StartSiteAsync(provider.Settings);
        await StoreAsync(site.BaseUrl, provider);
        await using var reader = await fixture.OpenAsync(site.BaseUrl, $"#/study/{Shared.Study}", new() { ViewportSize = new() { Width = 1280, Height = 860 } }, provider.Url);
        var page = reader.Page;
        await page.GetByText("Alice Reader").WaitForAsync();
        // The way to the provider and back loses what is behind the '#'.
        await reader.GoAsync($"#/study/{Shared.Study}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Share" }).ClickAsync();
        Assert.Equal(0, await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).CountAsync());
        await page.GetByLabel("For whom").FillAsync("Dr. Müller");
        await page.GetByLabel("Passphrase (optional)").FillAsync("tell by phone");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        Assert.StartsWith($"{site.BaseUrl}shared/#", await page.GetByLabel("The link").InputValueAsync(), StringComparison.Ordinal);
        await page.GetByText("passphrase").Last.WaitForAsync();
        // Every part of it is in sight: styles of other parts of the page do not reach it.
        var (dialog, close) = (await page.Locator("dialog[open]").BoundingBoxAsync(), await page.GetByRole(AriaRole.Button, new() { Name = "Close" }).BoundingBoxAsync());
        Assert.InRange(close!.Y + close.Height, dialog!.Y + 300, dialog.Y + dialog.Height);
        await reader.ScreenshotAsync("page-share");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await page.GetByText("revoked").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await reader.ScreenshotAsync("page-signed-in");
        await reader.AssertCleanAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await page.GetByText("Alice Reader").WaitForAsync(); // the provider still knows her, and lets her in again
    }

    private static async Task<OidcServer> ProviderAsync()
    {
        Assert.SkipUnless(Directory.Exists(ViewerFixture.ViewerFolder), "The viewer is not prepared.");
        var (provider, whyNot) = await OidcServer.StartAsync("alice", TestContext.Current.CancellationToken);
        Assert.SkipWhen(provider is null, whyNot ?? "");
        return provider;
    }

    private static async Task StoreAsync(Uri archive, OidcServer provider)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", await provider.TokenAsync("write"));
        foreach (var file in Shared.Files().Concat(Hidden.Files()))
        {
            using var body = new ByteArrayContent(file);
            body.Headers.ContentType = new("application/dicom");
            using var answer = await client.PostAsync(new Uri(archive, "dicom-web/studies"), body);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private static Task<int> CountAsync(ViewerPage page, string what) =>
        page.Page.EvaluateAsync<int>("async url => (await (await fetch(url, { headers: { Accept: 'application/dicom+json' } })).json()).length", page.Url($"dicom-web/{what}"));

    private static Task<int> StatusAsync(ViewerPage page, string path) => page.Page.EvaluateAsync<int>("async url => (await fetch(url)).status", page.Url(path));
}
