using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>What was found in pictures: shown, measured, stored and shown again.</summary>
[Collection("viewer")]
public sealed partial class FindingsTests(ViewerFixture fixture)
{
    private const double Middle = PhantomFindings.Corner + (PhantomFindings.Side / 2);

    [Fact]
    public async Task Segmentation_Opened_ColorsItsPixels()
    {
        await using var page = await OpenAsync();

        await Thumbnail(page, "SEG").DblClickAsync();

        // 0 HU is black in this window, but for the color of the segment.
        await page.UntilPixelAsync(pixel => pixel.R + pixel.G + pixel.B > 60, "the segment", 0, Middle, Middle, PhantomFindings.Last * Phantom.SliceDistance);
        await page.ScreenshotAsync("seg");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Structures_Opened_DrawTheirContours()
    {
        await using var page = await OpenAsync();

        await Thumbnail(page, "RTSTRUCT").DblClickAsync();

        await Expect(page.Page.Locator(".viewport-element svg path, .cornerstone-viewport-element svg path").First).ToBeAttachedAsync();
        await page.ScreenshotAsync("rtstruct");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Length_MeasuredAndStored_IsShownAgainAfterAReload()
    {
        var phantom = ViewerFixture.NewPhantom();
        await ViewerFixture.StoreAsync(fixture.Site.BaseUrl, [.. phantom.Files()]);
        await using var page = await fixture.OpenAsync($"viewer/viewer?StudyInstanceUIDs={phantom.Study}");
        await page.UntilViewportsAsync(1);
        var z = (phantom.Slices - 1) * Phantom.SliceDistance;
        await page.UntilPixelAsync(pixel => pixel.IsGray(21), "50 HU", 0, 128, 128, z);

        var length = await MeasureAndStoreAsync(page, phantom);
        await page.Page.ReloadAsync();
        await page.UntilViewportsAsync(1);
        await Thumbnail(page, "SR").DblClickAsync();
        await Expect(page.Page.GetByText("Do you want to continue tracking measurements for this study?")).ToBeVisibleAsync();
        await page.Page.GetByText("Yes", new() { Exact = true }).ClickAsync();
        await page.Page.ClickAsync("[data-cy=trackedMeasurements-btn]");

        await Expect(page.Page.GetByText(length).First).ToBeVisibleAsync();
        await page.ScreenshotAsync("measured-again");
        await page.AssertCleanAsync();
    }

    /// <summary>Measures the square in the first slice that is shown, and stores that as a report.</summary>
    /// <returns>The length as the viewer writes it.</returns>
    internal static async Task<string> MeasureAndStoreAsync(ViewerPage page, Phantom phantom)
    {
        var z = (phantom.Slices - 1) * Phantom.SliceDistance;
        // 80 pixels of 1 mm: the square from its left to its right edge.
        await page.Page.ClickAsync("[data-cy=MeasurementTools-split-button-primary]");
        await page.DragAsync(await page.OnScreenAsync(0, 88, 128, z), await page.OnScreenAsync(0, 168, 128, z));
        await page.Page.GetByText("Yes", new() { Exact = true }).ClickAsync();
        await page.Page.ClickAsync("[data-cy=trackedMeasurements-btn]");
        var text = await page.Page.GetByText(Millimetres()).First.TextContentAsync() ?? "";
        // As exactly as a pointer aims.
        Assert.InRange(double.Parse(Millimetres().Match(text).Groups[1].Value, CultureInfo.InvariantCulture), 79, 81);
        await page.ScreenshotAsync("measured");
        await page.Page.GetByText("Create SR").ClickAsync();
        await page.Page.FillAsync("[data-cy=dialog-input]", "Square");
        await page.Page.RunAndWaitForResponseAsync(
            () => page.Page.Locator("[data-cy=input-dialog-save-button] button").ClickAsync(),
            answer => answer is { Request.Method: "POST", Status: 200 } && answer.Url.EndsWith("/dicom-web/studies", StringComparison.Ordinal));
        return Millimetres().Match(text).Value;
    }

    [GeneratedRegex(@"(\d+\.\d+) mm")]
    private static partial Regex Millimetres();

    private async Task<ViewerPage> OpenAsync()
    {
        var page = await fixture.OpenAsync($"viewer/viewer?StudyInstanceUIDs={ViewerFixture.Current.Study}");
        await page.UntilViewportsAsync(1);
        await page.UntilPixelAsync(pixel => pixel.R > 200, "630 HU", 0, 128, 128, 126);
        return page;
    }

    private static ILocator Thumbnail(ViewerPage page, string modality) =>
        page.Page.Locator("[data-cy=study-browser-thumbnail-no-image]").Filter(new() { HasText = modality }).First;
}
