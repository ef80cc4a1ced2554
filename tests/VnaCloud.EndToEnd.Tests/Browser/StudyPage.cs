using System.Globalization;
using System.IO.Compression;
using Microsoft.Playwright;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>A file as a person has it.</summary>
internal sealed record LocalFile(string Name, byte[] Content);

/// <summary>The study page as its user sees it. Whatever the browser complains of is kept.</summary>
internal sealed class StudyPage : IAsyncDisposable
{
    private readonly Uri _baseUrl;
    private readonly List<string> _complaints = [];

    public StudyPage(IPage page, Uri baseUrl)
    {
        (Page, _baseUrl) = (page, baseUrl);
        page.Console += (_, message) =>
        {
            // Chromium complains of the answer to a question: whether there is a viewer.
            if (message.Type is "error" or "warning" && !message.Location.Contains("/viewer/", StringComparison.Ordinal))
            {
                _complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Add(error);
    }

    public IPage Page { get; }

    public ILocator Rows => Page.Locator("#rows tr");

    public ILocator Series => Page.Locator("details.series");

    public ILocator Uploads => Page.Locator("#uploads");

    /// <summary>Errors of scripts, refused resources, violations of the policy.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public Task GoAsync(string address) => Page.GotoAsync(new Uri(_baseUrl, address).ToString());

    /// <summary>Drops files on the page, as from a file manager.</summary>
    public async Task DropAsync(params IEnumerable<LocalFile> files)
    {
        var transfer = await Page.EvaluateHandleAsync(
            """
            (files) => {
              const transfer = new DataTransfer();
              for (const [name, content] of files)
                transfer.items.add(new File([Uint8Array.from(atob(content), (character) => character.charCodeAt(0))], name));
              return transfer;
            }
            """,
            files.Select(file => new[] { file.Name, Convert.ToBase64String(file.Content) }).ToArray());
        await Page.DispatchEventAsync("body", "dragenter", new { dataTransfer = transfer });
        await Page.DispatchEventAsync("body", "drop", new { dataTransfer = transfer });
    }

    /// <summary>Waits for the last upload's result.</summary>
    /// <returns>Its headline, such as "3 files stored".</returns>
    public Task<string> UploadResultAsync() => Uploads.Locator("h2[role=status]").First.InnerTextAsync();

    public async Task SearchAsync(string field, string text)
    {
        await Page.FillAsync($"[name={field}]", text);
        await Page.PressAsync($"[name={field}]", "Enter");
        await Settled();
    }

    /// <summary>No search is under way.</summary>
    public Task Settled() => Assertions.Expect(Page.Locator("#list[aria-busy]")).ToHaveCountAsync(0);

    public async Task OpenStudyAsync(int row = 0)
    {
        await Rows.Nth(row).Locator("a").ClickAsync();
        await Series.First.WaitForAsync();
    }

    /// <summary>Files of a downloaded ZIP.</summary>
    public async Task<List<byte[]>> DownloadZipAsync()
    {
        var download = await Page.RunAndWaitForDownloadAsync(() => Page.GetByText("Download ZIP").ClickAsync());
        await using var zip = await ZipFile.OpenReadAsync(await download.PathAsync());
        var contents = new List<byte[]>();
        foreach (var entry in zip.Entries)
        {
            await using var stream = await entry.OpenAsync();
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            contents.Add(copy.ToArray());
        }
        return contents;
    }

    /// <summary>Presses Tab until the element has the focus.</summary>
    public async Task TabToAsync(string selector, int most = 30)
    {
        for (var i = 0; i < most; i++)
        {
            await Page.Keyboard.PressAsync("Tab");
            if (await Page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
            {
                return;
            }
        }
        Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{selector} is not reached by {most} Tabs."));
    }

    public Task<bool> ScrollsSidewaysAsync() =>
        Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth");

    /// <summary>Waits until every picture that is on the screen is there, and is one.</summary>
    public async Task PicturesAsync() => await Page.WaitForFunctionAsync("""
        () => [...document.images].filter((image) => image.checkVisibility()).every((image) => image.complete && image.naturalWidth > 0)
        """);

    /// <summary>Kept under artifacts/screenshots, to be looked at.</summary>
    public Task ScreenshotAsync(string name, bool fullPage = false) => Page.ScreenshotAsync(new()
    {
        FullPage = fullPage,
        // artifacts/bin/{project}/{configuration}/
        Path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../screenshots", $"{name}.png")),
        Animations = ScreenshotAnimations.Disabled,
    });

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
