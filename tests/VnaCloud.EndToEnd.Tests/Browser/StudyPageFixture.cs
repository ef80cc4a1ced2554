using Microsoft.Playwright;
using VnaCloud.EndToEnd.Tests.Cloud;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>One browser and one server for the tests of the page; each test has patients of its own.</summary>
public sealed class StudyPageFixture(CloudServers cloud) : IAsyncLifetime
{
    private Chromium? _browser;
    private BrowserSite? _site;

    internal BrowserSite Site => _site ?? throw new InvalidOperationException("Open a page first.");

    public async ValueTask InitializeAsync()
    {
        if (!Chromium.IsInstalled)
        {
            return;
        }
        _site = await StartSiteAsync();
        _browser = await Chromium.StartAsync("--disable-gpu");
    }

    /// <summary>Another archive, which is empty.</summary>
    internal Task<BrowserSite> StartSiteAsync() => BrowserSite.StartAsync(cloud);

    /// <summary>A page in a browser context of its own, at the address.</summary>
    internal Task<StudyPage> OpenAsync(string address = "", BrowserNewContextOptions? options = null) => OpenAsync(null, address, options);

    /// <summary>The same, of another archive.</summary>
    internal async Task<StudyPage> OpenAsync(BrowserSite? site, string address = "", BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, Chromium.Missing);
        options ??= new() { ViewportSize = new() { Width = 1280, Height = 860 } };
        options.AcceptDownloads = true;
        var context = await _browser.NewContextAsync(options);
        var page = new StudyPage(await context.NewPageAsync(), (site ?? Site).BaseUrl);
        await page.GoAsync(address);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
        if (_site is not null)
        {
            await _site.DisposeAsync();
        }
    }
}
