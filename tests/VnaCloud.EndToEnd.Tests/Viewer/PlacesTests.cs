using VnaCloud.EndToEnd.Tests.Browser;
using VnaCloud.EndToEnd.Tests.Cloud;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>The viewer on a phone, under a path behind a proxy, and before PostgreSQL and a bucket.</summary>
[Collection("viewer")]
public sealed class PlacesTests(ViewerFixture fixture, CloudServers cloud)
{
    [Fact]
    public async Task Phone_ThePictureHasTheWidthAndIsScrolledByTouch()
    {
        await using var page = await fixture.OpenAsync($"viewer/viewer?StudyInstanceUIDs={ViewerFixture.Prior.Study}", new()
        {
            ViewportSize = new() { Width = 390, Height = 844 }, IsMobile = true, HasTouch = true, DeviceScaleFactor = 2,
        });
        await page.UntilViewportsAsync(1);
        await page.UntilPictureAsync(shades: 2);

        var canvas = await page.Page.Locator("canvas.cornerstone-canvas").First.BoundingBoxAsync();
        Assert.InRange(canvas!.Width, 280, 390);
        Assert.False(await page.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth"));
        Assert.Equal(0, await page.Page.Locator(".shepherd-element").CountAsync());
        await page.ScreenshotAsync("phone");
        var middle = await page.OnScreenAsync(0, 128, 128, (ViewerFixture.Prior.Slices - 1) * Phantom.SliceDistance);
        await page.SwipeAsync(fingers: 3, middle, (middle.X, middle.Y + 150));

        await ViewerPage.UntilAsync(async () => await page.ImageIndexAsync() > 0, () => Task.FromResult("A swipe of three fingers did not scroll."));
        await page.ScreenshotAsync("phone-scrolled");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Proxy_UnderAPath_TheViewerWorksThere()
    {
        Assert.SkipUnless(Nginx.IsInstalled, Nginx.Missing);
        Assert.SkipUnless(Directory.Exists(ViewerFixture.ViewerFolder), "The viewer is not prepared.");
        await using var site = await BrowserSite.StartUnderPathAsync(ViewerFixture.ServerArguments);

        await ShowsAndStoresAsync(site.BaseUrl);
    }

    [Fact]
    public async Task Cloud_PostgresAndBucket_TheViewerWorksThere()
    {
        Assert.SkipUnless(Directory.Exists(ViewerFixture.ViewerFolder), "The viewer is not prepared.");
        var archive = await cloud.NewArchiveAsync();
        await using var server = await ServerProcess.StartAsync(null, [.. ViewerFixture.ServerArguments, .. archive.Arguments(10)]);

        await ShowsAndStoresAsync(server.BaseUrl);
    }

    private async Task ShowsAndStoresAsync(Uri address)
    {
        var phantom = ViewerFixture.NewPhantom();
        await ViewerFixture.StoreAsync(address, [.. phantom.Files()]);
        await using var page = await fixture.OpenAsync(address, "viewer/");
        await page.OpenFromListAsync(phantom.PatientName.Replace("^", ", ", StringComparison.Ordinal));
        await page.UntilViewportsAsync(1);

        await page.UntilPixelAsync(pixel => pixel.IsGray(21), "50 HU", 0, 128, 128, (phantom.Slices - 1) * Phantom.SliceDistance);
        Assert.StartsWith(new Uri(address, "viewer/viewer").ToString(), page.Page.Url, StringComparison.Ordinal);
        await FindingsTests.MeasureAndStoreAsync(page, phantom);
        await page.AssertCleanAsync();
    }
}
