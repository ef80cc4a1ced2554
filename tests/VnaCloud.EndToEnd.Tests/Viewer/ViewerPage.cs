using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>A color in a picture.</summary>
internal readonly record struct Pixel(int R, int G, int B)
{
    public bool IsGray(double expected, int tolerance = 6) => Math.Abs(R - expected) <= tolerance && Math.Abs(G - expected) <= tolerance && Math.Abs(B - expected) <= tolerance;
}

/// <summary>OHIF as its user sees it. What the browser complains of, and what it asks of other places, is kept.</summary>
internal sealed class ViewerPage : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Uri _baseUrl;
    private readonly List<string> _complaints = [];
    private readonly List<string> _foreign = [];

    public ViewerPage(IPage page, Uri baseUrl, string? provider = null)
    {
        (Page, _baseUrl) = (page, baseUrl);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _complaints.Add($"{message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => _complaints.Add(error);
        page.Request += (_, request) =>
        {
            // Of the browser's own parts, such as its PDF viewer, nothing leaves it.
            if (new Uri(request.Url) is { Scheme: "http" or "https" or "ws" or "wss" } url && url.GetLeftPart(UriPartial.Authority) is var origin
                && origin != baseUrl.GetLeftPart(UriPartial.Authority) && origin != provider)
            {
                _foreign.Add(request.Url);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Where pictures go: VNA_SCREENSHOTS, or artifacts/screenshots.</summary>
    private static string Screenshots => Environment.GetEnvironmentVariable("VNA_SCREENSHOTS") ?? Path.Combine(TestKit.Corpus.Repository, "artifacts", "screenshots");

    /// <summary>The whole address of a part of the archive.</summary>
    public string Url(string address) => new Uri(_baseUrl, address).ToString();

    public Task GoAsync(string address) => Page.GotoAsync(Url(address));

    /// <summary>Nothing went wrong that the user or the console was told of, and nothing was asked of another origin.</summary>
    public async Task AssertCleanAsync()
    {
        Assert.Empty(_complaints);
        Assert.Empty(_foreign);
        Assert.Equal(0, await Page.GetByText("Something went wrong").CountAsync());
    }

    public Task ScreenshotAsync(string name)
    {
        Directory.CreateDirectory(Screenshots);
        return Page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"viewer-{name}.png") });
    }

    /// <summary>Waits for a condition of the page.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<Task<string>> otherwise)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                Assert.Fail(await otherwise());
            }
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Opens a study of the list by its patient's name, as its user does: a list that is drawn anew between the two clicks is clicked again.</summary>
    public async Task OpenFromListAsync(string name)
    {
        for (var attempt = 1; ; attempt++)
        {
            await Page.GetByText(name).First.DblClickAsync();
            try
            {
                // A list that was searched is at an address with a query too.
                await Page.WaitForURLAsync(static url => url.Contains("StudyInstanceUIDs=", StringComparison.Ordinal), new() { Timeout = 5_000, WaitUntil = WaitUntilState.Commit });
                return;
            }
            catch (TimeoutException) when (attempt < 4)
            {
                continue;
            }
        }
    }

    /// <summary>Number of viewports with a picture.</summary>
    public async Task<int> ViewportsAsync() => await Page.EvaluateAsync<int>("() => window.cornerstone?.getEnabledElements().filter((e) => e.viewport.getImageIds?.().length).length ?? 0");

    public Task UntilViewportsAsync(int count) =>
        UntilAsync(async () => await ViewportsAsync() >= count, async () => $"{await ViewportsAsync()} viewports have pictures, not {count}.");

    /// <summary>The number of the picture that a viewport is at.</summary>
    public Task<int> ImageIndexAsync(int viewport = 0) => Page.EvaluateAsync<int>("(i) => cornerstone.getEnabledElements()[i].viewport.getCurrentImageIdIndex()", viewport);

    /// <summary>Where a point of the patient is on the screen.</summary>
    public async Task<(float X, float Y)> OnScreenAsync(int viewport, params double[] world)
    {
        var at = await Page.EvaluateAsync<float[]>(
            "([i, ...world]) => { const v = cornerstone.getEnabledElements()[i].viewport; const c = v.canvas.getBoundingClientRect(); const [x, y] = v.worldToCanvas(world); return [c.x + x, c.y + y]; }",
            new object[] { viewport, world[0], world[1], world[2] });
        return (at[0], at[1]);
    }

    public async Task DragAsync((float X, float Y) from, (float X, float Y) to)
    {
        await Page.Mouse.MoveAsync(from.X, from.Y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(to.X, to.Y, new() { Steps = 8 });
        await Page.Mouse.UpAsync();
    }

    /// <summary>Moves fingers, side by side, over the screen.</summary>
    public async Task SwipeAsync(int fingers, (float X, float Y) from, (float X, float Y) to)
    {
        const int steps = 10;
        var session = await Page.Context.NewCDPSessionAsync(Page);
        for (var step = 0; step <= steps; step++)
        {
            var (x, y) = (from.X + ((to.X - from.X) * step / steps), from.Y + ((to.Y - from.Y) * step / steps));
            await session.SendAsync("Input.dispatchTouchEvent", new()
            {
                ["type"] = step == 0 ? "touchStart" : "touchMove",
                ["touchPoints"] = Enumerable.Range(0, fingers).Select(finger => new { x = x + (30 * (finger - 1)), y, id = finger }).ToArray(),
            });
        }
        await session.SendAsync("Input.dispatchTouchEvent", new() { ["type"] = "touchEnd", ["touchPoints"] = Array.Empty<object>() });
    }

    /// <summary>What a viewport's canvas shows at a point of the patient; null while it shows nothing.</summary>
    public async Task<Pixel?> PixelAsync(int viewport, params double[] world)
    {
        var color = await Page.EvaluateAsync<JsonElement?>(
            """
            ([i, ...world]) => {
              const v = window.cornerstone?.getEnabledElements()[i]?.viewport;
              if (!v?.getImageIds?.().length) return null;
              const [x, y] = v.worldToCanvas(world), scale = v.canvas.width / v.canvas.clientWidth;
              const copy = new OffscreenCanvas(1, 1).getContext('2d');
              copy.drawImage(v.canvas, Math.round(x * scale), Math.round(y * scale), 1, 1, 0, 0, 1, 1);
              return [...copy.getImageData(0, 0, 1, 1).data];
            }
            """,
            new object[] { viewport, world[0], world[1], world[2] });
        return color is { ValueKind: JsonValueKind.Array } rgba ? new Pixel(rgba[0].GetInt32(), rgba[1].GetInt32(), rgba[2].GetInt32()) : null;
    }

    /// <summary>Waits until the canvas shows a color there.</summary>
    public Task UntilPixelAsync(Func<Pixel, bool> expected, string what, int viewport, params double[] world) =>
        UntilAsync(
            async () => await PixelAsync(viewport, world) is { } pixel && expected(pixel),
            async () => $"{what}: viewport {viewport} shows {await PixelAsync(viewport, world)} at ({string.Join(", ", world)}).");

    /// <summary>Waits until there are several shades in a canvas: that it shows a picture, whatever it is of.</summary>
    public Task UntilPictureAsync(string canvas = "canvas.cornerstone-canvas", int shades = 8) =>
        UntilAsync(async () => await ShadesAsync(canvas) >= shades, async () => $"{canvas} shows {await ShadesAsync(canvas)} shades.");

    /// <summary>Colors of a canvas or video at half its height, at parts of its width.</summary>
    public async Task<Pixel[]> ColorsAsync(string element, params double[] parts)
    {
        var colors = await Page.EvaluateAsync<int[][]>(
            """
            ([selector, ...parts]) => [...document.querySelectorAll(selector)].slice(0, 1).flatMap((shown) => parts.map((at) => {
              const width = shown.videoWidth || shown.width, height = shown.videoHeight || shown.height;
              const copy = new OffscreenCanvas(1, 1).getContext('2d');
              copy.drawImage(shown, width * at, height / 2, 1, 1, 0, 0, 1, 1);
              return [...copy.getImageData(0, 0, 1, 1).data];
            }))
            """,
            new object[] { element }.Concat(parts.Cast<object>()).ToArray());
        return [.. colors.Select(color => new Pixel(color[0], color[1], color[2]))];
    }

    /// <summary>A second of an orange surface as H.264 in MP4, which the browser itself makes.</summary>
    public async Task<byte[]> RecordAsync() => Convert.FromBase64String(await Page.EvaluateAsync<string>(
        """
        async () => {
          const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 }), paint = canvas.getContext('2d');
          const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/mp4;codecs=avc1.42E01E' }), parts = [];
          recorder.ondataavailable = (event) => parts.push(event.data);
          const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
          recorder.start();
          for (let i = 0; i < 25; i++) {
            paint.fillStyle = `rgb(255, ${130 + i % 2}, 30)`;
            paint.fillRect(0, 0, 320, 240);
            await new Promise((resolve) => setTimeout(resolve, 40));
          }
          recorder.stop();
          await stopped;
          const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
          return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
        }
        """));

    public async ValueTask DisposeAsync() => await Page.CloseAsync();

    private Task<int> ShadesAsync(string canvas) => Page.EvaluateAsync<int>(
        """
        (selector) => {
          const canvas = document.querySelector(selector);
          if (!canvas?.width) return 0;
          const copy = new OffscreenCanvas(64, 64).getContext('2d');
          copy.drawImage(canvas, 0, 0, 64, 64);
          const data = copy.getImageData(0, 0, 64, 64).data, shades = new Set();
          for (let i = 0; i < data.length; i += 4) shades.add(data[i] + 256 * data[i + 1] + 65536 * data[i + 2]);
          return shades.size;
        }
        """, canvas);
}
