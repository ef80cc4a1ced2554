using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Upgrade;

/// <summary>SIGTERM under load, as an orchestrator drains a server: what is under way is finished, whole, and the server ends within its grace.</summary>
public sealed class StopUnderLoadTests(ITestOutputHelper output)
{
    private const int Readers = 6;
    private const int Senders = 4;
    private const int Slices = 120;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Server_ToldToStop_FinishesWhatIsUnderWay_AndBreaksNoStream()
    {
        await using var server = await ServerProcess.StartAsync();
        const string study = "2.25.9000001";
        var slices = Enumerable.Range(0, Slices).ToDictionary(i => $"{study}.1.{i}", i => Instances.Ct(study, $"{study}.1", $"{study}.1.{i}", i, i));
        using (var client = new ArchiveClient(server.BaseUrl))
        {
            Assert.Equal(HttpStatusCode.OK, (await client.StowAsync([.. slices.Values])).Status);
        }
        var load = new Load(server.BaseUrl, study, Slices);
        await load.RunningAsync();
        // Slow clients: one half-way through its upload, one that has only begun to read its study.
        var half = new SlowUpload(server.BaseUrl);
        await half.BeginAsync();
        using var slowReader = new HttpClient { BaseAddress = server.BaseUrl };
        using var reading = await slowReader.GetAsync(new Uri($"dicom-web/studies/{study}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

        var told = Stopwatch.GetTimestamp();
        var stopping = server.StopAsync();
        await load.RefusedAsync();
        Assert.False(stopping.IsCompleted, "It did not wait for what was under way.");
        var uploaded = await half.FinishAsync();
        var read = (await reading.Content.ReadAsByteArrayAsync()).LongLength;
        var code = await stopping;
        var took = Stopwatch.GetElapsedTime(told);
        await load.EndAsync();

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"ended in {took.TotalSeconds:F1} s; {load.Read} studies read, {load.Stored.Count} instances stored, {load.Refused} refused, {load.Broken.Count} broken"));
        Assert.Equal((0, HttpStatusCode.OK), (code, uploaded));
        Assert.True(read > slices.Values.Sum(file => (long)file.Length), $"{read} bytes of the study");
        Assert.Empty(load.Broken);
        Assert.True(took < Grace, $"{took}");
        Assert.True(load.Read > 0 && !load.Stored.IsEmpty);

        await using var again = await ServerProcess.StartAsync(server.DataFolder);
        using var check = new ArchiveClient(again.BaseUrl);
        foreach (var (path, hash) in load.Stored)
        {
            Assert.Equal(hash, await check.HashAsync(path));
        }
    }

    /// <summary>An upload whose second half waits.</summary>
    private sealed class SlowUpload(Uri server)
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task<HttpStatusCode> _sending = null!;

        public Task BeginAsync()
        {
            _sending = SendAsync();
            return _begun.Task;
        }

        public Task<HttpStatusCode> FinishAsync()
        {
            _go.SetResult();
            return _sending;
        }

        private async Task<HttpStatusCode> SendAsync()
        {
            using var body = new MemoryStream();
            body.Write("--b\r\nContent-Type: application/dicom\r\n\r\n"u8);
            body.Write(Instances.Ct("2.25.9000002", "2.25.9000002.1", "2.25.9000002.1.1"));
            body.Write("\r\n--b--\r\n"u8);
            using var http = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "dicom-web/studies")) { Content = new HalfContent(body.ToArray(), _begun, _go.Task) };
            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }

        private sealed class HalfContent : HttpContent
        {
            private readonly byte[] _bytes;
            private readonly TaskCompletionSource _begun;
            private readonly Task _go;

            public HalfContent(byte[] bytes, TaskCompletionSource begun, Task go)
            {
                (_bytes, _begun, _go) = (bytes, begun, go);
                Headers.TryAddWithoutValidation("Content-Type", "multipart/related; type=\"application/dicom\"; boundary=b");
            }

            protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
            {
                await stream.WriteAsync(_bytes.AsMemory(0, _bytes.Length / 2));
                await stream.FlushAsync();
                _begun.TrySetResult();
                await _go;
                await stream.WriteAsync(_bytes.AsMemory(_bytes.Length / 2));
            }

            protected override bool TryComputeLength(out long length)
            {
                length = _bytes.Length;
                return true;
            }
        }
    }

    /// <summary>Readers of a study and senders, each until it is refused: a connection that is not taken, or a 503. Anything else is broken.</summary>
    private sealed class Load
    {
        private readonly Task[] _workers;
        private int _read;
        private int _refused;

        public Load(Uri server, string study, int slices) => _workers =
        [
            .. Enumerable.Range(0, Readers).Select(_ => Task.Run(() => ReadAsync(server, study, slices))),
            .. Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(server, sender))),
        ];

        public int Read => Volatile.Read(ref _read);

        public int Refused => Volatile.Read(ref _refused);

        public ConcurrentDictionary<string, string> Stored { get; } = [];

        public ConcurrentQueue<string> Broken { get; } = [];

        public Task RunningAsync() => UntilAsync(() => Read >= Readers && Stored.Count >= 20);

        public Task RefusedAsync() => UntilAsync(() => Refused > 0);

        public Task EndAsync() => Task.WhenAll(_workers).WaitAsync(Grace);

        private static async Task UntilAsync(Func<bool> condition)
        {
            for (var i = 0; !condition(); i++)
            {
                Assert.True(i < 3000, "The load does not get that far.");
                await Task.Delay(10);
            }
        }

        private async Task ReadAsync(Uri server, string study, int slices)
        {
            using var http = new HttpClient { BaseAddress = server };
            while (true)
            {
                HttpResponseMessage answer;
                try
                {
                    answer = await http.GetAsync(new Uri($"dicom-web/studies/{study}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref _refused);
                    return;
                }
                using (answer)
                {
                    if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                    {
                        Interlocked.Increment(ref _refused);
                        return;
                    }
                    try
                    {
                        var text = await answer.Content.ReadAsByteArrayAsync();
                        var parts = text.AsSpan().Count("\r\nContent-Type: application/dicom"u8);
                        if (answer.StatusCode != HttpStatusCode.OK || parts != slices || !text.AsSpan().TrimEnd("\r\n"u8).EndsWith("--"u8))
                        {
                            Broken.Enqueue($"{answer.StatusCode}, {parts} parts, {text.Length} bytes");
                        }
                        Interlocked.Increment(ref _read);
                    }
                    catch (Exception failure) when (failure is HttpRequestException or IOException)
                    {
                        Broken.Enqueue(failure.Message);
                    }
                }
            }
        }

        private async Task SendAsync(Uri server, int sender)
        {
            using var client = new ArchiveClient(server);
            for (var step = 0; ; step++)
            {
                var (study, sop) = ($"2.25.91{sender}", $"2.25.91{sender}.1.{step}");
                var file = Instances.Ct(study, $"{study}.1", sop, step, step);
                try
                {
                    var reply = await client.StowAsync(file);
                    if (reply.Status != HttpStatusCode.OK)
                    {
                        Interlocked.Increment(ref _refused);
                        if (reply.Status != HttpStatusCode.ServiceUnavailable)
                        {
                            Broken.Enqueue($"STOW {reply.Status}");
                        }
                        return;
                    }
                    Stored[$"studies/{study}/series/{study}.1/instances/{sop}"] = Convert.ToHexString(SHA256.HashData(file));
                }
                catch (HttpRequestException)
                {
                    // Not taken, or an idle connection that ended in that moment: to be sent again, and nothing was promised.
                    Interlocked.Increment(ref _refused);
                    return;
                }
            }
        }
    }
}
