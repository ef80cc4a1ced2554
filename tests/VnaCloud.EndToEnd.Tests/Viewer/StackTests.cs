using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>A CT series: found, opened, scrolled, windowed, reformatted, compared with an earlier one.</summary>
[Collection("viewer")]
public sealed class StackTests(ViewerFixture fixture)
{
    private static string Open(string study) => $"viewer/viewer?StudyInstanceUIDs={study}";

    [Fact]
    public async Task List_Search_FindsTheStudyAndOpensIt()
    {
        await using var page = await fixture.OpenAsync("viewer/");
        await Expect(page.Page.GetByText("Phantom, Viewer")).ToHaveCountAsync(2);
        await page.ScreenshotAsync("list");

        await page.Page.Locator("input").First.FillAsync("slide");
        await Expect(page.Page.GetByText("Slide, Viewer")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("Phantom, Viewer")).ToHaveCountAsync(0);
        await page.Page.Locator("input").First.FillAsync("phantom");
        await page.OpenFromListAsync("Phantom, Viewer");

        await page.UntilViewportsAsync(1);
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Stack_Scrolled_ShowsTheValuesOfEachSlice()
    {
        await using var page = await fixture.OpenAsync(Open(ViewerFixture.Current.Study));
        await page.UntilViewportsAsync(1);

        // The viewer begins with the slice nearest to the head, the last of the file names.
        await UntilSliceAsync(page, 63);
        await page.UntilPixelAsync(pixel => pixel.IsGray(0), "air", 0, 10, 10, 0);
        var (x, y) = await page.OnScreenAsync(0, 128, 128, 126);
        await page.Page.Mouse.MoveAsync(x, y);
        foreach (var slice in (int[])[62, 61, 60])
        {
            await page.Page.Mouse.WheelAsync(0, 100);
            await UntilSliceAsync(page, slice);
        }
        // Every slice is there: what the viewer fetched ahead has no gaps.
        for (var slice = 59; slice >= 0; slice--)
        {
            await page.Page.Keyboard.PressAsync("ArrowDown");
            if (slice % 10 == 0)
            {
                await UntilSliceAsync(page, slice);
            }
        }
        await page.ScreenshotAsync("ct");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Window_Dragged_ChangesTheGrays()
    {
        await using var page = await fixture.OpenAsync(Open(ViewerFixture.Current.Study));
        await page.UntilViewportsAsync(1);
        await UntilSliceAsync(page, 63);
        var (x, y) = await page.OnScreenAsync(0, 128, 60, 126);

        await page.Page.Mouse.MoveAsync(x, y);
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(x, y - 60, new() { Steps = 6 });
        await page.Page.Mouse.UpAsync();

        // Dragged upwards the window's center falls, and the disc of 0 HU is no longer black.
        await page.UntilPixelAsync(pixel => pixel.R > 40, "the disc", 0, 128, 60, 126);
        await page.ScreenshotAsync("window");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Mpr_CutsTheSeriesInThreePlanes()
    {
        await using var page = await fixture.OpenAsync(Open(ViewerFixture.Current.Study));
        await page.UntilViewportsAsync(1);

        await page.Page.ClickAsync("[data-cy=Layout]");
        await page.Page.ClickAsync("[data-cy=MPR]");

        await page.UntilViewportsAsync(3);
        // In the sagittal and coronal planes the square gets lighter from slice to slice: at 20 and at 40 mm it has 100 and 200 HU.
        foreach (var viewport in (int[])[1, 2])
        {
            await page.UntilPixelAsync(pixel => pixel.IsGray(Gray(100)), "100 HU", viewport, 128, 128, 20);
            await page.UntilPixelAsync(pixel => pixel.IsGray(Gray(200)), "200 HU", viewport, 128, 128, 40);
        }
        await page.ScreenshotAsync("mpr");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Priors_TwoStudiesOfAPatient_FillFourViewports_TheOlderInTheOtherColumn()
    {
        await using var page = await fixture.OpenAsync("viewer/");
        var current = ViewerFixture.NewPhantom() with { Slices = 3, HounsfieldBase = 50 };
        var prior = ViewerFixture.NewPhantom() with { PatientId = current.PatientId, PatientName = current.PatientName, Date = "20250101", Slices = 3, HounsfieldBase = 350 };
        Phantom[] columns = [current, prior];
        await ViewerFixture.StoreAsync(fixture.Site.BaseUrl, [.. columns.SelectMany(study => study.Files().Concat(Second(study).Files()))]);

        await page.GoAsync($"viewer/open?StudyInstanceUIDs={current.Study},{prior.Study}");

        await page.UntilViewportsAsync(4);
        foreach (var (viewport, shown) in new[] { current, prior, Second(current), Second(prior) }.Index())
        {
            // Whichever of the three slices it begins with.
            await page.UntilPixelAsync(pixel => Math.Abs(pixel.R - Gray(shown.HounsfieldBase + 10)) <= 6, $"series {shown.SeriesNumber} of {shown.Date}", viewport, 128, 128, 0);
        }
        await page.ScreenshotAsync("compare");
        await page.AssertCleanAsync();

        static Phantom Second(Phantom study) => study with { SeriesNumber = 2, HounsfieldBase = study.HounsfieldBase + 100 };
    }

    [Fact]
    public async Task Priors_OfOneSeriesEach_StandSideBySide()
    {
        await using var page = await fixture.OpenAsync($"viewer/open?StudyInstanceUIDs={ViewerFixture.Current.Study}&StudyInstanceUIDs={ViewerFixture.Prior.Study}");

        await page.UntilViewportsAsync(2);
        await page.UntilPixelAsync(pixel => pixel.IsGray(Gray(0)), "air", 0, 10, 10, 0);
        await page.ScreenshotAsync("compare-two");
        await page.AssertCleanAsync();
    }

    private static double Gray(double hounsfield) => Math.Clamp((hounsfield - Phantom.WindowCenter + (Phantom.WindowWidth / 2)) / Phantom.WindowWidth * 255, 0, 255);

    private static async Task UntilSliceAsync(ViewerPage page, int slice)
    {
        var z = slice * Phantom.SliceDistance;
        await page.UntilPixelAsync(pixel => pixel.IsGray(Gray(Phantom.HounsfieldOf(slice))), $"slice {slice}", 0, 128, 128, z);
        Assert.Equal(ViewerFixture.Current.Slices - 1 - slice, await page.ImageIndexAsync());
    }
}
