using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Browser;

[Collection("study page")]
public sealed class SearchTests(StudyPageFixture fixture)
{
    [Fact]
    public async Task EmptyArchive_SaysHowToBegin()
    {
        await using var site = await fixture.StartSiteAsync();
        await using var page = await fixture.OpenAsync(site);

        await Expect(page.Page.GetByText("The archive is empty")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("Choose files")).ToBeVisibleAsync();
        await page.ScreenshotAsync("empty");
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData("PatientName", "wanted")]
    [InlineData("PatientName", "wilma want")]
    [InlineData("PatientName", "WANTED^W")]
    [InlineData("PatientID", "UNIQUE-4")]
    [InlineData("AccessionNumber", "ACC-UNI")]
    [InlineData("StudyDescription", "rare kind")]
    public async Task Search_ByField_FindsTheStudy(string field, string text)
    {
        await using var page = await fixture.OpenAsync();
        var wanted = Patients.Single("Wanted^Wilma") with { PatientId = "UNIQUE-42", AccessionNumber = "ACC-UNIQUE", StudyDescription = "A rare kind of study" };
        await page.DropAsync(Patients.File(wanted), Patients.File(Patients.Single("Other^Olga")));
        await page.UploadResultAsync();

        await page.SearchAsync(field, text);

        await Expect(page.Rows.Filter(new() { HasText = "Wanted, Wilma" })).Not.ToHaveCountAsync(0);
        await Expect(page.Rows.Filter(new() { HasText = "Other, Olga" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Search_ByDateAndModality_ShowsDatesAsIso()
    {
        await using var page = await fixture.OpenAsync();
        await page.DropAsync(
            Patients.File(Patients.Single("Dated^In") with { StudyDate = "20010203", Modality = "XA" }),
            Patients.File(Patients.Single("Dated^Late") with { StudyDate = "20010301", Modality = "XA" }),
            Patients.File(Patients.Single("Dated^Kind") with { StudyDate = "20010203", Modality = "NM" }));
        await page.UploadResultAsync();

        await page.Page.FillAsync("[name=from]", "2001-02-01");
        await page.Page.FillAsync("[name=to]", "2001-02-28");
        await page.SearchAsync("ModalitiesInStudy", "xa");

        await Expect(page.Rows).ToHaveCountAsync(1);
        await Expect(page.Rows.First).ToContainTextAsync("2001-02-03");
        await Expect(page.Rows.First).ToContainTextAsync("Dated, In");
    }

    [Fact]
    public async Task Search_ManyMatches_FurtherPagesAndAddressKeepTheSearch()
    {
        await using var page = await fixture.OpenAsync();
        await page.DropAsync(Enumerable.Range(1, 55).Select(i => Patients.File(Patients.Single($"Pageful^{i}"))));
        await Expect(page.Uploads.Locator("h2[role=status]")).ToHaveTextAsync("55 files stored");

        await page.SearchAsync("PatientName", "pageful");
        await Expect(page.Rows).ToHaveCountAsync(50);
        await Expect(page.Page.Locator("#count")).ToHaveTextAsync("50 of 55 studies");
        await page.ScreenshotAsync("list");
        await page.Page.GetByText("Show more").ClickAsync();
        await Expect(page.Rows).ToHaveCountAsync(55);
        await Expect(page.Page.Locator("#count")).ToHaveTextAsync("55 studies");

        await page.OpenStudyAsync(52);
        await page.Page.GoBackAsync();
        await Expect(page.Rows).ToHaveCountAsync(55);
        await page.Page.ReloadAsync();
        await Expect(page.Rows).ToHaveCountAsync(50);
        Assert.Equal("pageful", await page.Page.InputValueAsync("[name=PatientName]"));
    }

    [Fact]
    public async Task Search_Nothing_SaysSo()
    {
        await using var page = await fixture.OpenAsync("#/?PatientName=nobody");

        await Expect(page.Page.GetByText("No study matches")).ToBeVisibleAsync();
        await page.Page.ClickAsync("#clear");
        await Expect(page.Page.GetByText("No study matches")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Search_Refused_ShowsTheServersReason()
    {
        await using var page = await fixture.OpenAsync("#/?from=2020-05-01&to=2020-04-01");

        await Expect(page.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("ends before it starts");
    }

    [Fact]
    public async Task Search_ServerAway_OffersToTryAgain()
    {
        await using var page = await fixture.OpenAsync();
        var file = Patients.File(Patients.Single("Back^Again"));
        await page.DropAsync(file);
        await page.UploadResultAsync();
        await page.Page.RouteAsync("**/dicom-web/studies?**", route => route.AbortAsync());
        await page.SearchAsync("PatientName", "back again");
        await Expect(page.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("The server cannot be reached.");
        await page.ScreenshotAsync("server-away");

        await page.Page.UnrouteAllAsync();
        await page.Page.GetByText("Try again").ClickAsync();

        await Expect(page.Rows).ToHaveCountAsync(1);
    }
}
