using System.Net;
using Microsoft.Playwright;
using VnaCloud.TestKit;
using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Browser;

[Collection("study page")]
public sealed class StudyTests(StudyPageFixture fixture)
{
    private const string Script = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task Delete_Confirmed_StudyIsGone()
    {
        await using var page = await fixture.OpenAsync();
        await page.DropAsync(Patients.Study("Gone^Greta"));
        await page.UploadResultAsync();
        await page.SearchAsync("PatientName", "gone");
        await page.OpenStudyAsync();

        await page.Page.GetByText("Delete", new() { Exact = true }).ClickAsync();
        await Expect(page.Page.Locator("#confirm")).ToContainTextAsync("Gone, Greta");
        await Expect(page.Page.Locator("#confirm")).ToContainTextAsync("2 series, 4 instances");
        await page.ScreenshotAsync("delete");
        await page.Page.GetByText("Keep it").ClickAsync();
        await Expect(page.Series).ToHaveCountAsync(2);
        await page.Page.GetByText("Delete", new() { Exact = true }).ClickAsync();
        await page.Page.GetByText("Delete study").ClickAsync();

        await Expect(page.Page.GetByText("No study matches")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Study_Unknown_SaysSo()
    {
        await using var page = await fixture.OpenAsync("#/study/1.2.3.4.5");

        await Expect(page.Page.GetByText("This study is not in the archive.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Names_WithMarkup_AreTextAndBreakNoPolicy()
    {
        await using var page = await fixture.OpenAsync();
        var dialogs = 0;
        page.Page.Dialog += async (_, dialog) =>
        {
            dialogs++;
            await dialog.DismissAsync();
        };
        var spec = Patients.Single("Markup <b>Max</b>^<img src onerror>") with { PatientId = Script, StudyDescription = $"<script>alert(2)</script>{Script}", AccessionNumber = "<i>1</i>" };
        await page.DropAsync(new LocalFile($"{Script}.dcm", Instances.File(spec)), new LocalFile($"{Script}.txt", "no DICOM"u8.ToArray()));
        await page.UploadResultAsync();
        await page.Uploads.GetByText("1 file skipped").ClickAsync();

        await page.SearchAsync("PatientName", "markup");
        await Expect(page.Rows.First).ToContainTextAsync("Markup <b>Max</b>");
        await Expect(page.Rows.First).ToContainTextAsync(Script);
        await page.OpenStudyAsync();
        await Expect(page.Page.Locator("#study")).ToContainTextAsync("<script>alert(2)</script>");
        await page.ScreenshotAsync("markup");

        Assert.Equal(0, await page.Page.Locator("main img:not(.thumb img), main script, main b b, #uploads img").CountAsync());
        Assert.Equal(0, dialogs);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Keyboard_Alone_SearchesOpensAndReturns()
    {
        await using var page = await fixture.OpenAsync();
        await page.DropAsync(Patients.Study("Keys^Kim"));
        await page.UploadResultAsync();
        await page.Page.ReloadAsync();
        await page.Rows.First.WaitForAsync();

        await page.TabToAsync("[name=PatientName]");
        await page.Page.Keyboard.TypeAsync("keys");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Rows).ToHaveCountAsync(1);
        await page.TabToAsync("#rows a");
        await page.ScreenshotAsync("focus");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Series.First.WaitForAsync();
        await page.TabToAsync("details.series summary");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Series.First.Locator("tbody tr")).ToHaveCountAsync(3);
        await page.TabToAsync("#back");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Rows).ToHaveCountAsync(1);

        await Expect(page.Rows.First.Locator("a")).ToBeFocusedAsync();
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Phone_NothingScrollsSideways(ColorScheme scheme)
    {
        await using var page = await fixture.OpenAsync(options: new()
        {
            ViewportSize = new() { Width = 390, Height = 844 }, IsMobile = true, HasTouch = true, DeviceScaleFactor = 2, ColorScheme = scheme,
        });
        await page.DropAsync(Patients.Study($"Phone{scheme}^Pia-Wilhelmina-Alexandra=山田^花子=やまだ^はなこ"));
        await page.UploadResultAsync();
        Assert.False(await page.ScrollsSidewaysAsync());
        await page.ScreenshotAsync($"phone-upload-{scheme}");
        await page.Uploads.GetByRole(AriaRole.Button, new() { Name = "Dismiss" }).ClickAsync();

        await page.SearchAsync("PatientName", $"phone{scheme}");
        await Expect(page.Rows).ToHaveCountAsync(1);
        await page.ScreenshotAsync($"phone-list-{scheme}");
        Assert.False(await page.ScrollsSidewaysAsync());
        await page.Page.ClickAsync("#more-filters");
        Assert.False(await page.ScrollsSidewaysAsync());
        await page.OpenStudyAsync();
        await page.Series.First.Locator("summary").ClickAsync();
        await Expect(page.Series.First.Locator("tbody tr")).ToHaveCountAsync(3);
        Assert.False(await page.ScrollsSidewaysAsync());
        await page.ScreenshotAsync($"phone-study-{scheme}");
    }

    [Fact]
    public async Task Dark_SchemeOfTheSystem_IsTaken()
    {
        await using var page = await fixture.OpenAsync(options: new() { ViewportSize = new() { Width = 1280, Height = 860 }, ColorScheme = ColorScheme.Dark });
        await page.DropAsync(Patients.Study("Night^Nora"));
        await page.UploadResultAsync();
        await page.SearchAsync("PatientName", "night");
        await page.ScreenshotAsync("dark-list");
        await page.OpenStudyAsync();
        await page.ScreenshotAsync("dark-study");

        Assert.Equal("rgb(13, 18, 23)", await page.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
    }

    [Fact]
    public async Task Page_UnderAPath_FindsItsPartsAndTheArchive()
    {
        await using var page = await fixture.OpenAsync();
        await page.DropAsync(Patients.Study("Below^Bea"));
        await page.UploadResultAsync();
        // As a proxy would that takes its prefix away; requests that leave the prefix go nowhere.
        await page.Page.RouteAsync("**/*", route => route.Request.Url.StartsWith($"{fixture.Site.BaseUrl}vna/", StringComparison.Ordinal)
            ? route.ContinueAsync(new() { Url = route.Request.Url.Replace("/vna/", "/", StringComparison.Ordinal) })
            : route.AbortAsync());

        await page.GoAsync("vna/#/?PatientName=below");

        await Expect(page.Rows).ToHaveCountAsync(1);
        await page.OpenStudyAsync();
    }

    [Fact]
    public async Task Assets_HavePolicyAndTagAndAreRevalidated()
    {
        await using var page = await fixture.OpenAsync();
        using var http = new HttpClient { BaseAddress = fixture.Site.BaseUrl };
        var cancellation = TestContext.Current.CancellationToken;
        foreach (var path in (string[])["", "page/app.js", "page/base.css", "page/icon.svg"])
        {
            using var first = await http.GetAsync(path, cancellation);
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            Assert.Equal(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
                Assert.Single(first.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal("nosniff", Assert.Single(first.Headers.GetValues("X-Content-Type-Options")));
            Assert.True(first.Headers.CacheControl!.NoCache);

            using var again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            using var second = await http.SendAsync(again, cancellation);
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        }
        using var missing = await http.GetAsync("page/nothing.js", cancellation);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }
}

[CollectionDefinition("study page")]
public sealed class StudyPageTests : ICollectionFixture<StudyPageFixture>;
