using Microsoft.Playwright;
using VnaCloud.TestKit;
using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>A patient's studies, reports beside images, the preview, and the way to the viewer.</summary>
[Collection("study page")]
public sealed class PatientTests(StudyPageFixture fixture)
{
    [Fact]
    public async Task Patient_ShowsStudiesInTimeOrder_WithThumbnails()
    {
        await using var page = await fixture.OpenAsync();
        var (id, _) = await StoreAsync(page, "Prior^Paula");
        await page.DropAsync(Phantom.Slice(Patients.Single("Other^Star") with { PatientId = $"{id}9" }));
        await page.UploadResultAsync();

        await page.GoAsync($"#/patient/{id}");

        await Expect(page.Page.Locator("#patient-title")).ToHaveTextAsync("Prior, Paula");
        await Expect(page.Page.Locator(".visit-link")).ToHaveTextAsync(["CT chest follow-up", "MR brain", "CT chest"]);
        await Expect(page.Page.Locator(".timeline h2")).ToHaveTextAsync(["2026", "2024"]);
        await Expect(page.Page.Locator(".visit .thumb img")).ToHaveCountAsync(3);
        await page.PicturesAsync();
        await page.ScreenshotAsync("patient");
        await page.Page.Locator(".visit-link").First.ClickAsync();
        await Expect(page.Page.Locator("#study-title")).ToHaveTextAsync("Prior, Paula");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Study_HasReportsAndPriorsBesideItsImages()
    {
        await using var page = await fixture.OpenAsync();
        var (id, study) = await StoreAsync(page, "Beside^Bea");
        await page.GoAsync($"#/study/{study}");

        await Expect(page.Series).ToHaveCountAsync(2);
        await Expect(page.Page.Locator(".documents button")).ToHaveCountAsync(2);
        await Expect(page.Page.Locator(".priors a.paper b")).ToHaveTextAsync(["MR brain", "CT chest"]);
        await page.PicturesAsync();
        await page.ScreenshotAsync("study-beside");
        await page.Page.GetByText("All 3 studies of this patient").ClickAsync();

        await Expect(page.Page.Locator(".visit")).ToHaveCountAsync(3);
        Assert.EndsWith($"#/patient/{id}", page.Page.Url, StringComparison.Ordinal);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Report_OpensInAFrameThatMayRunNothing_AndDocumentsAsTheyAre()
    {
        await using var page = await fixture.OpenAsync();
        var (_, study) = await StoreAsync(page, "Paper^Pat");
        await page.GoAsync($"#/study/{study}");

        await page.Page.Locator(".documents button", new() { HasText = "Basic Text SR" }).ClickAsync();
        var frame = page.Page.Locator("#preview iframe");
        Assert.Equal("", await frame.GetAttributeAsync("sandbox"));
        await Expect(page.Page.FrameLocator("#preview iframe").GetByText("No nodule is seen.")).ToBeVisibleAsync();
        await page.ScreenshotAsync("report");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.Locator("#preview")).ToBeHiddenAsync();

        var answer = await page.Page.RunAndWaitForResponseAsync(() => page.Page.Locator(".documents button", new() { HasText = "PDF" }).ClickAsync(), answer => answer.Url.Contains("/rendered", StringComparison.Ordinal));
        Assert.Equal((200, "application/pdf"), (answer.Status, answer.Headers["content-type"]));
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Preview_ShowsPictures_FramesAndTheNext()
    {
        await using var page = await fixture.OpenAsync();
        var (_, study) = await StoreAsync(page, "Preview^Pia");
        await page.GoAsync($"#/study/{study}");
        await page.Series.First.Locator("summary").ClickAsync();

        await page.Series.First.Locator("tbody .show").First.ClickAsync();
        await Expect(page.Page.Locator("#preview-title")).ToHaveTextAsync("CT Image, 1 of 3");
        await page.PicturesAsync();
        await page.ScreenshotAsync("preview");
        await page.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Page.Locator("#preview-title")).ToHaveTextAsync("CT Image, 2 of 3");
        await page.PicturesAsync();
        await page.Page.Keyboard.PressAsync("Escape");

        await page.Series.Nth(1).Locator("summary").ClickAsync();
        await page.Series.Nth(1).Locator("tbody .show").ClickAsync();
        await page.Page.Locator("#preview input[type=range]").FillAsync("3");
        await Expect(page.Page.Locator("#preview output")).ToHaveTextAsync("3 of 4");
        await Expect(page.Page.Locator("#preview img")).ToHaveAttributeAsync("src", new System.Text.RegularExpressions.Regex("/frames/3/rendered$"));
        await page.PicturesAsync();
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Video_IsPlayedByTheBrowser()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var video = Corpus.Storable.FirstOrDefault(file => file.TransferSyntaxUid.StartsWith("1.2.840.10008.1.2.4.10", StringComparison.Ordinal) && file["rows"].Length > 0);
        Assert.SkipWhen(video is null, "The corpus has no video.");
        await using var page = await fixture.OpenAsync();
        await page.DropAsync(new LocalFile("video.dcm", video.ReadBytes()));
        await page.UploadResultAsync();
        await page.GoAsync($"#/study/{video["study_uid"]}");
        await page.Series.First.WaitForAsync();

        var answer = await page.Page.RunAndWaitForResponseAsync(() => page.Series.Locator("tbody .show").First.ClickAsync(), answer => answer.Url.Contains("/rendered", StringComparison.Ordinal));

        Assert.StartsWith("video/", answer.Headers["content-type"], StringComparison.Ordinal);
        await Expect(page.Page.Locator("#preview video")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Viewer_WhereThereIsOne_OpensAStudy_AndTwoBesideEachOther()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.RouteAsync("**/viewer/**", route => route.FulfillAsync(new() { Status = 200, ContentType = "text/html", Body = "viewer" }));
        var (id, study) = await StoreAsync(page, "Viewed^Vera");
        await page.GoAsync($"#/study/{study}");
        await Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "View the images" })).ToHaveAttributeAsync("href", $"viewer/open?StudyInstanceUIDs={study}");
        await page.ScreenshotAsync("study-viewer");

        await page.GoAsync($"#/patient/{id}");
        await Expect(page.Page.Locator("#compare-hint")).ToHaveTextAsync("Choose two studies to compare");
        var boxes = page.Page.Locator(".pick input");
        await boxes.Nth(0).CheckAsync();
        await boxes.Nth(2).CheckAsync();
        await Expect(boxes.Nth(1)).ToBeDisabledAsync();
        await page.PicturesAsync();
        await page.ScreenshotAsync("patient-compare");

        var first = await boxes.Nth(2).GetAttributeAsync("value");
        await Expect(page.Page.Locator("#compare")).ToHaveAttributeAsync("href", $"viewer/open?StudyInstanceUIDs={first},{study}");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Viewer_WhereThereIsNone_IsNotOffered()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.RouteAsync("**/viewer/**", route => route.FulfillAsync(new() { Status = 404 }));
        var (id, study) = await StoreAsync(page, "Blind^Ben");
        var answer = page.Page.WaitForResponseAsync("**/viewer/");
        await page.GoAsync($"#/study/{study}");
        await answer;
        await page.Series.First.WaitForAsync();
        await Expect(page.Page.GetByText("View", new() { Exact = true })).ToBeHiddenAsync();
        await page.GoAsync($"#/patient/{id}");
        await Expect(page.Page.Locator(".visit")).ToHaveCountAsync(3);
        await Expect(page.Page.Locator("#compare")).ToBeHiddenAsync();
        await Expect(page.Page.Locator(".pick input").First).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Phone_PatientStudyAndPreview_ScrollDownOnly(ColorScheme scheme)
    {
        await using var page = await fixture.OpenAsync(options: new() { ViewportSize = new() { Width = 390, Height = 844 }, IsMobile = true, HasTouch = true, DeviceScaleFactor = 2, ColorScheme = scheme });
        await page.Page.RouteAsync("**/viewer/**", route => route.FulfillAsync(new() { Status = 200 }));
        var (id, study) = await StoreAsync(page, $"Pocket{scheme}^Wilhelmina-Alexandra");
        await page.Uploads.GetByRole(AriaRole.Button, new() { Name = "Dismiss" }).ClickAsync();
        await page.GoAsync($"#/patient/{id}");
        await page.PicturesAsync();
        Assert.False(await page.ScrollsSidewaysAsync());
        await page.ScreenshotAsync($"phone-patient-{scheme}");
        await page.GoAsync($"#/study/{study}");
        await page.Series.First.WaitForAsync();
        await Expect(page.Page.Locator(".documents button")).ToHaveCountAsync(2);
        await page.PicturesAsync();
        Assert.False(await page.ScrollsSidewaysAsync());
        await page.ScreenshotAsync($"phone-study-beside-{scheme}", fullPage: true);
        await page.Series.First.Locator("summary").ClickAsync();
        await page.Series.First.Locator("tbody .show").First.ClickAsync();
        await page.PicturesAsync();
        await page.ScreenshotAsync($"phone-preview-{scheme}");
        Assert.Empty(page.Complaints);
    }

    // Three studies of one patient: the newest has two series of images, a report and a document.
    private static async Task<(string PatientId, string Study)> StoreAsync(StudyPage page, string name)
    {
        var newest = Patients.Single(name) with { StudyDate = "20260310", StudyDescription = "CT chest follow-up", AccessionNumber = "ACC-3" };
        var brain = Patients.Single(name) with { PatientId = newest.PatientId, StudyDate = "20260112", StudyDescription = "MR brain", Modality = "MR", AccessionNumber = "ACC-2", SopClass = "1.2.840.10008.5.1.4.1.1.4" };
        var chest = Patients.Single(name) with { PatientId = newest.PatientId, StudyDate = "20240702", StudyDescription = "CT chest", AccessionNumber = "ACC-1" };
        await page.DropAsync([
            Phantom.Slice(chest), Phantom.Slice(brain with { InstanceNumber = 9 }),
            .. Enumerable.Range(1, 3).Select(i => Phantom.Slice(newest with { Sop = $"{newest.Study}.1.{i}", InstanceNumber = i })),
            Phantom.Slice(newest with { Series = $"{newest.Study}.2", Sop = $"{newest.Study}.2.1", SeriesNumber = 2, Frames = 4, InstanceNumber = 12 }),
            Phantom.Report(newest with { Series = $"{newest.Study}.3", Sop = $"{newest.Study}.3.1", SeriesNumber = 3 }, "No nodule is seen."),
            Phantom.Document(newest with { Series = $"{newest.Study}.4", Sop = $"{newest.Study}.4.1", SeriesNumber = 4 }),
        ]);
        Assert.Equal("8 files stored", await page.UploadResultAsync());
        return (newest.PatientId, newest.Study);
    }
}
