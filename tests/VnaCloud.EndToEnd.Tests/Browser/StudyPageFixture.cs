using Microsoft.Playwright;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>One browser and one server for the tests of the page; each test has patients of its own.</summary>
public sealed class StudyPageFixture : IAsyncLifetime
{
    private Chromium? _browser;
    private ServerProcess? _server;

    public ServerProcess Server => _server ?? throw new InvalidOperationException("Open a page first.");

    public async ValueTask InitializeAsync()
    {
        if (!Chromium.IsInstalled)
        {
            return;
        }
        _server = await ServerProcess.StartAsync();
        _browser = await Chromium.StartAsync("--disable-gpu");
    }

    /// <summary>A page in a browser context of its own, at the address.</summary>
    internal Task<StudyPage> OpenAsync(string address = "", BrowserNewContextOptions? options = null) => OpenAsync(null, address, options);

    /// <summary>The same, on another server.</summary>
    internal async Task<StudyPage> OpenAsync(ServerProcess? server, string address = "", BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, Chromium.Missing);
        options ??= new() { ViewportSize = new() { Width = 1280, Height = 860 } };
        options.AcceptDownloads = true;
        var context = await _browser.NewContextAsync(options);
        var page = new StudyPage(await context.NewPageAsync(), (server ?? Server).BaseUrl);
        await page.GoAsync(address);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
