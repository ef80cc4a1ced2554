using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>The statistics page: what it plots is what the server says.</summary>
[Collection("study page")]
public sealed class StatisticsPageTests(StudyPageFixture fixture)
{
    // Days like a hospital's: little at weekends, more as the year goes on.
    private const string Answer = """
        (days) => ({
          at: "2026-11-30T09:41:00Z", totals: { studies: 182340, series: 702114, instances: 48120933, bytes: 24300000000000 },
          days: Array.from({ length: days }, (_, i) => {
            const day = new Date(Date.UTC(2026, 10, 30) - (days - 1 - i) * 86400000);
            const studies = [0, 6].includes(day.getUTCDay()) ? 40 + (i % 7) : 310 + ((i * 37) % 120);
            return { day: day.toISOString().slice(0, 10), studies, instances: studies * 260, bytes: studies * 131000000 };
          }),
          modalities: [["CT", 61200, 31000000, 15900000000000], ["MR", 28900, 12000000, 5100000000000], ["MG", 9100, 61000, 1800000000000], ["DX", 52000, 98000, 940000000000], ["US", 31000, 1400000, 510000000000], ["SR", 44000, 51000, 900000000], ["", 12, 12, 4000]]
            .map(([modality, studies, instances, bytes]) => ({ modality, studies, instances, bytes })) })
        """;

    [Fact]
    public async Task Statistics_OfTheArchive_ArePlotted()
    {
        await using var page = await fixture.OpenAsync();
        await page.DropAsync(Patients.Study("Counted^Cora"));
        await page.UploadResultAsync();
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Statistics" }).ClickAsync();

        await Expect(page.Page.Locator("#statistics-title")).ToBeVisibleAsync();
        await Expect(page.Page.Locator(".figures dd")).ToHaveCountAsync(4);
        await Expect(page.Page.Locator(".chart")).ToHaveCountAsync(2);
        await Expect(page.Page.Locator(".chart").First.Locator(".bar")).ToHaveCountAsync(30);
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "A year" }).ClickAsync();
        await Expect(page.Page.Locator(".chart").First.Locator(".bar")).ToHaveCountAsync(365);
        await Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "Statistics" })).ToHaveAttributeAsync("aria-current", "page");
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData(1280, ColorScheme.Light, "statistics")]
    [InlineData(1280, ColorScheme.Dark, "statistics-dark")]
    [InlineData(390, ColorScheme.Light, "phone-statistics")]
    [InlineData(390, ColorScheme.Dark, "phone-statistics-dark")]
    public async Task Statistics_OfALargeArchive_FitTheScreen(int width, ColorScheme scheme, string name)
    {
        await using var page = await fixture.OpenAsync(options: new() { ViewportSize = new() { Width = width, Height = 860 }, ColorScheme = scheme, IsMobile = width < 500 });
        await page.Page.RouteAsync("**/statistics?days=*", async route =>
        {
            var days = int.Parse(route.Request.Url.Split("days=")[1], System.Globalization.CultureInfo.InvariantCulture);
            await route.FulfillAsync(new() { Json = await page.Page.EvaluateAsync<object>(Answer, days) });
        });
        await page.GoAsync("#/statistics");
        await Expect(page.Page.Locator(".figures dd").Nth(3)).ToHaveTextAsync("24.3 TB");
        await Expect(page.Page.Locator("section.panel .sums tbody tr").First).ToContainTextAsync("CT");
        Assert.False(await page.ScrollsSidewaysAsync());
        await page.ScreenshotAsync(name, fullPage: true);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Statistics_ThatCannotBeHad_SayWhy_AndMayBeTriedAgain()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.RouteAsync("**/statistics?days=*", route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = """{"detail":"The archive is too busy to count its studies. Ask again later."}""" }));
        await page.GoAsync("#/statistics");
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("too busy to count");
        await page.Page.UnrouteAllAsync();
        await page.Page.GetByText("Try again").ClickAsync();
        await Expect(page.Page.Locator(".figures")).ToBeVisibleAsync();
    }
}
