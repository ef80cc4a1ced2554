using Microsoft.Playwright;
using VnaCloud.EndToEnd.Tests.Browser;
using VnaCloud.EndToEnd.Tests.Cloud;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>One browser and one server with the viewer, the phantoms and some files of the corpus. Tests that store have studies of their own.</summary>
public sealed class ViewerFixture(CloudServers cloud) : IAsyncLifetime
{
    private const string Root = "1.2.826.0.1.3680043.10.7.300";

    // Without a graphics card WebGL is drawn by the processor.
    private static readonly string[] Graphics = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

    private static int _studies = 10;
    private readonly HashSet<string> _stored = [];
    private Chromium? _browser;
    private IBrowserContext? _context;
    private BrowserSite? _site;

    /// <summary>A patient's study with what was found in it, and an earlier one.</summary>
    internal static Phantom Current { get; } = new($"{Root}.1");

    internal static Phantom Prior { get; } = new($"{Root}.2") { Date = "20250101", Description = "CT phantom, a year before", Slices = 24 };

    internal static SlidePhantom Slide { get; } = new($"{Root}.3");

    /// <summary>The folder that eng/viewer.sh makes.</summary>
    public static string ViewerFolder { get; } = Path.Combine(Corpus.Repository, "artifacts", "viewer");

    internal static string[] ServerArguments { get; } = NativeCodecs.Exists
        ? [$"--Vna:Viewer:Path={ViewerFolder}", $"--Vna:Codecs:Program={NativeCodecs.Program}"] : [$"--Vna:Viewer:Path={ViewerFolder}"];

    internal BrowserSite Site => _site ?? throw new InvalidOperationException("Open a page first.");

    /// <summary>A study of a patient of its own, of few slices.</summary>
    internal static Phantom NewPhantom()
    {
        var number = Interlocked.Increment(ref _studies);
        return new($"{Root}.{number}") { PatientId = $"VIEWER-{number}", PatientName = $"Phantom^Number {number}", Slices = 6 };
    }

    public async ValueTask InitializeAsync()
    {
        if (!Chromium.IsInstalled || !Directory.Exists(ViewerFolder))
        {
            return;
        }
        // As ViewerPage: five seconds, the default, are short for a viewer that is loaded and compiled for the first time.
        Assertions.SetDefaultExpectTimeout((float)ViewerPage.Patience.TotalMilliseconds);
        _site = await StartSiteAsync();
        await StoreAsync(_site.BaseUrl, [.. Current.Files(), PhantomFindings.Segmentation(Current), PhantomFindings.Structures(Current), .. Prior.Files(), .. Slide.Files()]);
        _browser = await Chromium.StartAsync(Graphics);
    }

    /// <summary>Another archive with the viewer, which is empty.</summary>
    internal Task<BrowserSite> StartSiteAsync(params string[] arguments) => BrowserSite.StartAsync(cloud, [.. ServerArguments, .. arguments]);

    internal static async Task StoreAsync(Uri server, IReadOnlyList<byte[]> files)
    {
        using var client = new ArchiveClient(server);
        var reply = await client.StowAsync(new StowBody(files));
        Assert.Equal(files.Count, reply.Stored.Count);
    }

    /// <summary>Stores a file of the corpus, if it is not stored yet.</summary>
    internal async Task StoreOnceAsync(CorpusFile file)
    {
        if (_site is not null && _stored.Add(file.Name))
        {
            await StoreAsync(_site.BaseUrl, [await File.ReadAllBytesAsync(file.Path)]);
        }
    }

    /// <summary>A page of the viewer; with options, in a browser context of its own.</summary>
    internal Task<ViewerPage> OpenAsync(string address, BrowserNewContextOptions? options = null) => OpenAsync(null, address, options);

    /// <summary>The same, by another address, where people may have to sign in at a provider.</summary>
    internal async Task<ViewerPage> OpenAsync(Uri? server, string address, BrowserNewContextOptions? options = null, string? provider = null)
    {
        Assert.SkipWhen(!Chromium.IsInstalled, Chromium.Missing);
        Assert.SkipWhen(_browser is null, $"The viewer is not prepared: eng/viewer.sh makes {ViewerFolder}.");
        // One context for all that need no other, so that the viewer's scripts are loaded and compiled once.
        var context = options is not null ? await _browser.NewContextAsync(options)
            : _context ??= await _browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        var page = new ViewerPage(await context.NewPageAsync(), server ?? Site.BaseUrl, provider);
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

[CollectionDefinition("viewer")]
public sealed class ViewerTests : ICollectionFixture<ViewerFixture>;
