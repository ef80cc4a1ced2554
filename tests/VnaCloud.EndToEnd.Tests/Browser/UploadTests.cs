using Microsoft.Playwright;
using VnaCloud.Dicom;
using VnaCloud.TestKit;
using static Microsoft.Playwright.Assertions;

namespace VnaCloud.EndToEnd.Tests.Browser;

[Collection("study page")]
public sealed class UploadTests(StudyPageFixture fixture)
{
    [Fact]
    public async Task Drop_Study_IsStoredFoundShownAndDownloadedByteForByte()
    {
        await using var page = await fixture.OpenAsync();
        var files = Patients.Study("Dropwell^Dora");

        await page.DropAsync(files);
        Assert.Equal("4 files stored", await page.UploadResultAsync());
        await page.SearchAsync("PatientName", "dropwell");
        await Expect(page.Rows).ToHaveCountAsync(1);
        await Expect(page.Rows.First).ToContainTextAsync("Dropwell, Dora");
        await page.ScreenshotAsync("uploaded");

        await page.OpenStudyAsync();
        await Expect(page.Series).ToHaveCountAsync(2);
        await page.Series.First.Locator("summary").ClickAsync();
        await Expect(page.Series.First.Locator("tbody tr")).ToHaveCountAsync(3);
        await page.Series.Nth(1).Locator("summary").ClickAsync();
        await Expect(page.Series.Nth(1).Locator("tbody")).ToContainTextAsync("48 × 64");
        await page.ScreenshotAsync("study");

        var downloaded = await page.DownloadZipAsync();
        Assert.Equal(
            files.Select(file => Convert.ToHexString(file.Content)).Order(StringComparer.Ordinal),
            downloaded.Select(Convert.ToHexString).Order(StringComparer.Ordinal));
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Drop_InstanceDownload_IsTheFile()
    {
        await using var page = await fixture.OpenAsync();
        var file = Patients.File(Patients.Single("Single^File"));
        await page.DropAsync(file);
        await page.UploadResultAsync();
        await page.SearchAsync("PatientName", "single file");
        await page.OpenStudyAsync();

        var download = await page.Page.RunAndWaitForDownloadAsync(() => page.Series.Locator("tbody a").ClickAsync());

        Assert.Equal(file.Content, await File.ReadAllBytesAsync(await download.PathAsync(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Drop_WithFaults_EachFileHasItsReason()
    {
        await using var page = await fixture.OpenAsync();
        var good = Patients.Single("Partly^Good");
        var orphan = Patients.Single("Orphan^Otto");
        var withoutStudy = Instances.DataSet(orphan);
        withoutStudy.Remove(DicomTags.StudyInstanceUID);
        var changed = Instances.File(good, Instances.DataSet(good).Set(DicomTags.PatientComments, DicomVr.LT, "changed"));
        byte[] broken = [.. new byte[128], .. "DICM"u8, .. "this is no data set"u8];

        await page.DropAsync(Patients.File(good), new("orphan.dcm", Instances.File(orphan, withoutStudy)), new("broken.dcm", broken), new("notes.txt", "hello"u8.ToArray()));
        Assert.Equal("1 stored, 2 failed", await page.UploadResultAsync());
        await Expect(page.Uploads.Locator("li", new() { HasText = "orphan.dcm" })).ToContainTextAsync("An identifying attribute is missing");
        await Expect(page.Uploads.Locator("li", new() { HasText = "orphan.dcm" }).Locator("small")).ToContainTextAsync("Study");
        await Expect(page.Uploads.Locator("li", new() { HasText = "broken.dcm" })).ToContainTextAsync("cannot read it as DICOM");
        await page.Uploads.GetByText("1 file skipped").ClickAsync();
        await Expect(page.Uploads.Locator("li", new() { HasText = "notes.txt" })).ToContainTextAsync("Not a DICOM file");
        await page.ScreenshotAsync("upload-failed");

        await page.DropAsync(new LocalFile("changed.dcm", changed));
        await Expect(page.Uploads.Locator("li", new() { HasText = "changed.dcm" })).ToContainTextAsync("A different instance with the same UIDs is stored already");
    }

    [Fact]
    public async Task Drop_RequestFails_TryAgainSendsIt()
    {
        await using var page = await fixture.OpenAsync();
        var refusals = 1;
        await page.Page.RouteAsync("**/dicom-web/studies", route => refusals-- > 0
            ? route.FulfillAsync(new() { Status = 507, ContentType = "application/problem+json", Body = """{"detail":"The archive's storage is full."}""" })
            : route.ContinueAsync());

        await page.DropAsync(Patients.Study("Again^Agnes"));
        Assert.Equal("4 files failed", await page.UploadResultAsync());
        await Expect(page.Uploads).ToContainTextAsync("4 files were not sent. The archive's storage is full.");
        await page.Uploads.GetByText("Try again").ClickAsync();

        await Expect(page.Uploads.Locator("h2[role=status]")).ToHaveTextAsync("4 files stored");
    }

    [Fact]
    public async Task Drop_ManyFiles_GoInSeveralRequestsWithProgress()
    {
        await using var page = await fixture.OpenAsync();
        var study = Patients.Single("Many^Mia");
        var files = Enumerable.Range(1, 120).Select(i => Patients.File(study with { Sop = $"{study.Series}.{i}", InstanceNumber = i })).ToList();
        var requests = 0;
        var gate = new TaskCompletionSource();
        await page.Page.RouteAsync("**/dicom-web/studies", async route =>
        {
            if (Interlocked.Increment(ref requests) > 1)
            {
                await gate.Task;
            }
            await route.ContinueAsync();
        });

        await page.DropAsync(files);
        await Expect(page.Uploads.Locator(".state")).ToContainTextAsync("50 stored");
        await Expect(page.Uploads.Locator("h2")).ToHaveTextAsync("Uploading 120 files");
        await page.ScreenshotAsync("uploading");
        gate.SetResult();

        await Expect(page.Uploads.Locator("h2[role=status]")).ToHaveTextAsync("120 files stored");
        Assert.Equal(3, requests);
        await page.SearchAsync("PatientName", "many");
        await page.OpenStudyAsync();
        await Expect(page.Series.Locator("tbody tr")).ToHaveCountAsync(100);
        await page.Page.GetByText("Show more instances").ClickAsync();
        await Expect(page.Series.Locator("tbody tr")).ToHaveCountAsync(120);
    }

    [Fact]
    public async Task FilePicker_Files_AreStored()
    {
        await using var page = await fixture.OpenAsync();
        var file = Patients.File(Patients.Single("Picker^Paul"));

        var chooser = await page.Page.RunAndWaitForFileChooserAsync(() => page.Page.GetByText("Upload files").ClickAsync());
        await chooser.SetFilesAsync(new FilePayload { Name = file.Name, MimeType = "application/dicom", Buffer = file.Content });

        Assert.Equal("1 file stored", await page.UploadResultAsync());
        await page.Uploads.GetByText("Open the study").ClickAsync();
        await Expect(page.Page.Locator("#study-title")).ToHaveTextAsync("Picker, Paul");
    }
}
