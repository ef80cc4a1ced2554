using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>The keyboard, and light and dark.</summary>
[Collection("study page")]
public sealed class KeysAndThemeTests(StudyPageFixture fixture)
{
    private static readonly BrowserNewContextOptions Light = new() { ViewportSize = new() { Width = 1280, Height = 860 }, ColorScheme = ColorScheme.Light };

    [Fact]
    public async Task Keys_GoThroughTheListIntoAStudyAndBack()
    {
        await using var page = await fixture.OpenAsync();
        await page.DropAsync(Enumerable.Range(1, 3).Select(i => Patients.File(Patients.Single($"Keyed^{i}") with { StudyDate = $"2026010{i}" })));
        await page.UploadResultAsync();
        await page.GoAsync("#/statistics");
        await page.Page.Locator("#statistics .figures").WaitForAsync();

        await page.Page.Keyboard.PressAsync("/");
        await Expect(page.Page.Locator("[name=PatientName]")).ToBeFocusedAsync();
        await page.Page.Keyboard.TypeAsync("keyed");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Rows).ToHaveCountAsync(3);
        await page.Page.Locator("[name=PatientName]").BlurAsync();
        await page.Page.Keyboard.PressAsync("j");
        await page.Page.Keyboard.PressAsync("j");
        await page.Page.Keyboard.PressAsync("ArrowDown");
        await page.Page.Keyboard.PressAsync("k");
        await Expect(page.Rows.Nth(1).Locator("a")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Series.First.WaitForAsync();
        await page.Page.Keyboard.PressAsync("u");
        await Expect(page.Rows.Nth(1).Locator("a")).ToBeFocusedAsync();

        await page.Page.Keyboard.PressAsync("?");
        await Expect(page.Page.Locator("#keys")).ToBeVisibleAsync();
        await page.ScreenshotAsync("keys");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.Locator("#keys")).ToBeHiddenAsync();
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Keys_InAField_AreText()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.FocusAsync("[name=PatientName]");
        await page.Page.Keyboard.TypeAsync("just/u?");
        Assert.Equal("just/u?", await page.Page.InputValueAsync("[name=PatientName]"));
        await Expect(page.Page.Locator("#keys")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Theme_ThatWasChosen_IsKept_UntilItIsTheSystemsAgain()
    {
        await using var page = await fixture.OpenAsync(options: Light);
        await Expect(page.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Dark mode" }).ClickAsync();
        await Expect(page.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.Page.ReloadAsync();
        await Expect(page.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(page.Page.Locator("#theme")).ToHaveAttributeAsync("aria-pressed", "true");

        await page.Page.Keyboard.PressAsync("t");
        await Expect(page.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        await page.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Expect(page.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        Assert.Empty(page.Complaints);
    }
}
