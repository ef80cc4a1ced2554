using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Viewer;

[Collection("viewer")]
public sealed class StackTests(ViewerFixture fixture)
{
    [Fact]
    public async Task List_SearchAndOpen_ShowsTheStudy()
    {
        await using var page = await fixture.OpenAsync("viewer/");
        await Expect(page.Page.GetByText("Phantom, Viewer")).ToHaveCountAsync(2);
        await page.ScreenshotAsync("list");

        await page.Page.Locator("input").Nth(0).FillAsync("slide");

        await Expect(page.Page.GetByText("Slide, Viewer")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("Phantom, Viewer")).ToHaveCountAsync(0);
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Stack_Slice_HasTheValuesOfTheFile()
    {
        await using var page = await fixture.OpenAsync($"viewer/viewer?StudyInstanceUIDs={ViewerFixture.Current.Study}");
        await page.UntilViewportsAsync(1);

        await page.UntilPixelAsync(pixel => pixel.IsGray(0), "0 HU", 0, 40, 128, 0);
        await page.ScreenshotAsync("ct");
        var slice = await page.ImageIndexAsync();
        await page.AssertCleanAsync();
        Assert.Equal(0, slice);
    }
}
