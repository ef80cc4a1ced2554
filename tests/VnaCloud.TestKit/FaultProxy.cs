using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace VnaCloud.TestKit;

/// <summary>
/// Stands before a real HTTP store and does to its requests what the test says. The Host header passes unchanged: signatures cover it.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _target;
    private readonly Uri _targetUrl;
    private int _requests;

    private FaultProxy(WebApplication app, Uri target)
    {
        (_app, _targetUrl) = (app, target);
        _target = new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    }

    /// <summary>What is done with a request in place of passing it on; the second argument passes it on.</summary>
    public Func<HttpContext, Func<Task>, Task> Act { get; set; } = (_, pass) => pass();

    /// <summary>Where clients find it.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Requests since the start.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static async Task<FaultProxy> StartAsync(Uri target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        var app = builder.Build();
        var proxy = new FaultProxy(app, target);
        app.Run(proxy.AnswerAsync);
        await app.StartAsync();
        proxy.Endpoint = new Uri(app.Urls.First());
        return proxy;
    }

    /// <summary>Answers as an S3 store does when it fails.</summary>
    public static async Task RefuseAsync(HttpContext context, int status, string code)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>");
    }

    /// <summary>Passes the request on, throws the answer away and cuts the connection.</summary>
    public static async Task LoseReplyAsync(HttpContext context, Func<Task> pass)
    {
        var body = context.Response.Body;
        context.Response.Body = Stream.Null;
        await pass();
        context.Response.Body = body;
        context.Abort();
    }

    /// <summary>Passes the request on and cuts the connection after some bytes of the answer's body.</summary>
    public static async Task CutBodyAsync(HttpContext context, Func<Task> pass, int after)
    {
        var body = context.Response.Body;
        using var whole = new MemoryStream();
        context.Response.Body = whole;
        await pass();
        context.Response.Body = body;
        await body.WriteAsync(whole.GetBuffer().AsMemory(0, (int)Math.Min(after, whole.Length)));
        await body.FlushAsync();
        context.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _target.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        try
        {
            await Act(context, () => PassAsync(context));
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
        {
            context.Abort();
        }
    }

    private async Task PassAsync(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_targetUrl, raw));
        if (context.Request.ContentLength is { } length)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.ContentLength = length;
        }
        foreach (var (name, values) in context.Request.Headers.Where(header => header.Key is not ("Expect" or "Connection" or "Content-Length")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }
        using var answer = await _target.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Connection" or "Transfer-Encoding")))
        {
            context.Response.Headers[name] = values.ToArray();
        }
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }
}
