using Microsoft.Playwright;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>One browser and one server for the tests of the page; each test has patients of its own.</summary>
public sealed class StudyPageFixture : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private ServerProcess? _server;

    public ServerProcess Server => _server ?? throw new InvalidOperationException("Open a page first.");

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
        {
            return;
        }
        _server = await ServerProcess.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Headless = true, Args = Flags });
    }

    /// <summary>A page in a browser context of its own, at the address.</summary>
    internal Task<StudyPage> OpenAsync(string address = "", BrowserNewContextOptions? options = null) => OpenAsync(null, address, options);

    /// <summary>The same, on another server.</summary>
    internal async Task<StudyPage> OpenAsync(ServerProcess? server, string address = "", BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, $"There is no browser at {Chromium}.");
        options ??= new() { ViewportSize = new() { Width = 1280, Height = 860 } };
        options.AcceptDownloads = true;
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout(20_000);
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
        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
