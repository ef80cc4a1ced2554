using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using VnaCloud.Gateway.Tests.Spool;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>One STOW request, read.</summary>
internal sealed record StowRequest(ScriptedExchange Exchange, IReadOnlyList<Arrival> Instances)
{
    public IReadOnlyList<string> Sops => [.. Instances.Select(instance => instance.From.SopInstanceUid)];

    public string Batch => Exchange.Headers["Idempotency-Key"];
}

/// <summary>An archive that a test lets fail as it likes, and that remembers what it took.</summary>
internal sealed class ScriptedArchive : IAsyncDisposable
{
    private readonly ScriptedService _service;

    /// <param name="script">Answers a request; null lets it be stored.</param>
    public ScriptedArchive(Func<StowRequest, ScriptedArchive, Task>? script = null)
    {
        _service = new ScriptedService(async exchange =>
        {
            Asked.Enqueue(exchange);
            if (BeforeBody is { } before && await before(exchange))
            {
                return;
            }
            var request = new StowRequest(exchange, Read(exchange, await exchange.BodyAsync()));
            Requests.Enqueue(request);
            await (script ?? ((stow, archive) => archive.StoreAsync(stow)))(request, this);
        });
    }

    public Uri Url => _service.Url;

    public ConcurrentQueue<ScriptedExchange> Asked { get; } = [];

    public ConcurrentQueue<StowRequest> Requests { get; } = [];

    /// <summary>What was taken, by SOP Instance UID; twice when it was sent twice.</summary>
    public ConcurrentDictionary<string, ConcurrentBag<byte[]>> Stored { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers before the body is read; true when it did.</summary>
    public Func<ScriptedExchange, Task<bool>>? BeforeBody { get; set; }

    /// <summary>Takes all but some, which fail.</summary>
    public async Task StoreAsync(StowRequest request, Func<string, ushort?>? failure = null)
    {
        var failures = request.Sops.ToDictionary(sop => sop, sop => failure?.Invoke(sop));
        Take(request, sop => failures[sop] is null);
        var stored = failures.Where(pair => pair.Value is null).Select(pair => Item(pair.Key, "")).ToList();
        var failed = failures.Where(pair => pair.Value is not null)
            .Select(pair => Item(pair.Key, string.Create(CultureInfo.InvariantCulture, $",\"00081197\":{{\"vr\":\"US\",\"Value\":[{pair.Value}]}}"))).ToList();
        var sequences = new[] { ("00081199", stored), ("00081198", failed) }.Where(pair => pair.Item2.Count > 0)
            .Select(pair => $"\"{pair.Item1}\":{{\"vr\":\"SQ\",\"Value\":[{string.Join(',', pair.Item2)}]}}");
        await request.Exchange.AnswerAsync(failed.Count == 0 ? 200 : stored.Count == 0 ? 409 : 202, $"{{{string.Join(',', sequences)}}}");
    }

    public void Take(StowRequest request, Func<string, bool>? which = null)
    {
        foreach (var instance in request.Instances.Where(instance => which?.Invoke(instance.From.SopInstanceUid) ?? true))
        {
            Stored.GetOrAdd(instance.From.SopInstanceUid, _ => []).Add(instance.DataSet);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        Assert.Empty(_service.Failures);
    }

    private static string Item(string sop, string more) => $"{{\"00081155\":{{\"vr\":\"UI\",\"Value\":[\"{sop}\"]}}{more}}}";

    private static List<Arrival> Read(ScriptedExchange exchange, byte[] body)
    {
        var boundary = exchange.Headers["Content-Type"].Split("boundary=")[1].Trim('"');
        var delimiter = Encoding.ASCII.GetBytes($"\r\n--{boundary}");
        var instances = new List<Arrival>();
        var at = delimiter.Length;
        while (!body.AsSpan(at).StartsWith("--"u8))
        {
            var start = at + body.AsSpan(at).IndexOf("\r\n\r\n"u8) + 4;
            var length = body.AsSpan(start).IndexOf(delimiter);
            instances.Add(Arrival.Of(body[start..(start + length)]));
            at = start + length + delimiter.Length;
        }
        return instances;
    }
}
