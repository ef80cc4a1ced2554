using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Stow;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>Bodies as clients, and attackers, send them.</summary>
public sealed class StowBodyTests
{
    private static readonly byte[] Good = WireServer.Multipart([Files.Ct("1.1")]);

    public static TheoryData<string?, string?, int> ContentTypes() => new()
    {
        // dicomweb 47: without type, quoted in several ways.
        { "multipart/related; boundary=b", null, 200 },
        { "multipart/related; type=application/dicom; boundary=\"b\"", null, 200 },
        { "Multipart/Related; boundary=b; type = \"application/dicom\"", null, 200 },
        { "multipart/related; type='application/dicom'; boundary=b", null, 200 },
        { "multipart/related; type=\"application/dicom+json\"; boundary=b", null, 400 },
        { "multipart/form-data; boundary=b", null, 415 },
        { "text/plain", null, 415 },
        { "application/zip", null, 415 },
        { "application/octet-stream", null, 415 },
        { null, null, 415 },
        { "nonsense", null, 415 },
        // attacks 33
        { "multipart/related; type=\"application/dicom\"", null, 400 },
        { "multipart/related; boundary=\"\"", null, 400 },
        { $"multipart/related; boundary={new string('b', 10_000)}", null, 400 },
        { "multipart/related; boundary=\"a\\\r\\\nb\"", null, 400 },
        { "multipart/related; boundary=\"[a-z]*\"", null, 400 },
        { "multipart/related; boundary=c", null, 400 },
        // attacks 38
        { WireServer.StowType, "gzip", 415 },
        { WireServer.StowType, "deflate", 415 },
        { WireServer.StowType, "br", 415 },
        { WireServer.StowType, "identity", 200 },
    };

    [Theory]
    [MemberData(nameof(ContentTypes))]
    [Trait("dicomweb", "6")]
    [Trait("dicomweb", "47")]
    [Trait("dicomweb", "48")]
    [Trait("attacks", "33")]
    [Trait("attacks", "38")]
    public async Task ContentType_DecidesWhetherTheBodyIsRead(string? type, string? encoding, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        if (type?.Contains('\r', StringComparison.Ordinal) == true)
        {
            Assert.StartsWith("HTTP/1.1 400", await RawAsync(server, $"POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Type: {type}\r\n\r\n"), StringComparison.Ordinal);
            return;
        }
        using var response = await server.PostAsync("studies", Good, type, encoding: encoding);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200 ? 1 : 0, (await server.ObjectsAsync("*.tar")).Length);
    }

    [Theory]
    [InlineData(73)] // two UUIDs and a hyphen: Orthanc's DICOMweb plugin
    [InlineData(128)]
    public async Task Boundary_LongerThanRfc2046Allows_IsTaken(int length)
    {
        await using var server = await WireServer.BorrowAsync();
        var boundary = new string('b', length);
        using var answer = await server.PostAsync("studies", WireServer.Multipart([Files.Ct("1.1"), Files.Ct("1.2")], boundary), $"multipart/related; type=\"application/dicom\"; boundary={boundary}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "47")]
    public async Task Part_WithoutContentType_IsDicom()
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.PostAsync("studies", WireServer.Multipart([Files.Ct("1.1")], partType: null), WireServer.StowType);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [Trait("dicomweb", "48")]
    [InlineData("--b--\r\n", 400)]
    [InlineData("\r\n--b--", 400)]
    [InlineData("--b\r\n\r\n\r\n--b--\r\n", 409)]
    [InlineData("--b\r\nContent-Type: application/dicom\r\n\r\n\r\n--b--\r\n", 409)]
    [InlineData("--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n", 409)]
    [InlineData("", 400)]
    [InlineData("nothing of the sort", 400)]
    [InlineData("--b\r\nContent-Type: application/dicom\r\n\r\nbytes, and no end", 400)]
    [InlineData("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\nx\r\n--b--\r\n", 415)]
    [InlineData("--b\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b--\r\n", 415)]
    [InlineData("--b\r\nContent-Encoding: gzip\r\n\r\nx\r\n--b--\r\n", 415)]
    [Trait("attacks", "36")]
    public async Task Body_WithoutInstances_IsRefused(string body, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.PostAsync("studies", Encoding.Latin1.GetBytes(body), WireServer.StowType);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    [Fact]
    [Trait("attacks", "35")]
    public async Task Body_OfTooManyPartsOrHeaders_IsTooLarge()
    {
        await using var server = await WireServer.StartAsync("--Vna:Limits:MaxPartsPerRequest", "100");
        var empty = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("\r\n--b\r\n\r\n", 100_000)));
        var headers = Encoding.ASCII.GetBytes("--b\r\n" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i}: y\r\n")) + "\r\nx\r\n--b--\r\n");
        var seventeen = Encoding.ASCII.GetBytes("--b\r\n" + string.Concat(Enumerable.Range(0, 17).Select(i => $"X-{i}: y\r\n")) + "\r\nx\r\n--b--\r\n");
        var line = Encoding.ASCII.GetBytes($"--b\r\nX: {new string('y', 1 << 20)}\r\n\r\nx\r\n--b--\r\n");
        foreach (var body in new[] { empty, headers, seventeen, line })
        {
            using var response = await server.PostAsync("studies", body, WireServer.StowType);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        }
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    [Theory]
    [Trait("dicomweb", "66")]
    [Trait("attacks", "34")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Instance_LongerThanTheLimit_Is413AndNothingIsKept(bool multipart)
    {
        await using var server = await WireServer.StartAsync("--Vna:Limits:MaxInstanceBytes", "1048576");
        var large = Files.Native(Files.Spec("1.2") with { Rows = 1024, Columns = 1024 }, Dicom.DicomTags.PixelData, Dicom.DicomVr.OW, 16, new byte[2 << 20]);
        using var response = multipart ? await server.StowAsync(Files.Ct("1.1"), large) : await server.PostAsync("studies", large, "application/dicom");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Empty(await server.SearchAsync("instances"));
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    [Theory]
    [Trait("attacks", "34")]
    [InlineData("", 400)]
    [InlineData("--b\r\nContent-Type: application/dicom\r\n\r\n", 413)]
    [InlineData("--b\r\nContent-Type: text/plain\r\n\r\n", 413)]
    public async Task Boundary_ThatNeverComesAgain_StopsAtTheLimit(string start, int status)
    {
        await using var server = await WireServer.StartAsync("--Vna:Limits:MaxInstanceBytes", "1048576");
        byte[] body = [.. Encoding.ASCII.GetBytes(start), .. Files.Ct("1.1"), .. new byte[8 << 20]];
        using var response = await server.PostAsync("studies", body, WireServer.StowType);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    [Fact]
    [Trait("dicomweb", "48")]
    public async Task Body_CutOffAfterGoodInstances_Is400AndNothingIsKept()
    {
        await using var server = await WireServer.BorrowAsync();
        var body = WireServer.Multipart([Files.Ct("1.1"), Files.Ct("1.2"), Files.Ct("1.3")]);
        foreach (var cut in new[] { 3, 6, 100, 700 })
        {
            using var response = await server.PostAsync("studies", body[..^cut], WireServer.StowType);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
        Assert.Empty(await server.SearchAsync("instances"));
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    [Fact]
    [Trait("dicomweb", "30")]
    public async Task Client_ThatLeavesInTheMiddle_LeavesNothing()
    {
        // A balancer does not pass on what its client leaves at once.
        var arrival = new Arrival();
        await using var server = await WireServer.StartAtAsync(null, services => services.AddSingleton<IStartupFilter>(arrival));
        var body = WireServer.Multipart([Files.Ct("1.1"), Files.Ct("1.2")]);
        using (var socket = await ConnectAsync(server, body.Length))
        {
            await socket.GetStream().WriteAsync(body.AsMemory(0, body.Length - 500));
            await arrival.Arrived.WaitAsync(TimeSpan.FromSeconds(60));
        }
        await server.Server.Log.WaitAsync("POST");
        Assert.Empty(await server.SearchAsync("instances"));
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    [Fact]
    [Trait("dicomweb", "33")]
    public async Task Uploads_BeyondTheBudget_AreToldToComeBack()
    {
        await using var server = await WireServer.StartAtAsync(null,
            services => services.AddSingleton(p => new StowAdmission(p.GetRequiredService<VnaOptions>(), TimeSpan.FromMilliseconds(100))),
            "--Vna:Limits:IngestBufferBytes", (8 << 20).ToString(CultureInfo.InvariantCulture));
        // Two fill the budget of a server; behind the balancer they come to each by turns.
        var held = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 2 * server.Server.Count; i++)
            {
                held.Add(await ConnectAsync(server, Good.Length));
                await held[i].GetStream().WriteAsync(Good.AsMemory(0, 100));
            }
            var last = await server.PostAsync("studies", Good, WireServer.StowType);
            for (var i = 0; i < 200 && last.StatusCode == HttpStatusCode.OK; i++)
            {
                // The others have not arrived yet.
                last = await server.PostAsync("studies", Good, WireServer.StowType);
            }
            Assert.Equal(HttpStatusCode.ServiceUnavailable, last.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(StowAdmission.RetryAfterSeconds), last.Headers.RetryAfter!.Delta);
            await held[0].GetStream().WriteAsync(Good.AsMemory(100));
            var answer = new byte[12];
            await held[0].GetStream().ReadExactlyAsync(answer);
            Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(answer));
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
        // Each server notices by itself that they left.
        var later = HttpStatusCode.ServiceUnavailable;
        for (var i = 0; i < 100 && later == HttpStatusCode.ServiceUnavailable; i++)
        {
            using var answer = await server.PostAsync("studies", Good, WireServer.StowType);
            later = answer.StatusCode;
        }
        Assert.Equal(HttpStatusCode.OK, later);
    }

    [Theory]
    [Trait("attacks", "47")]
    [Trait("dicomweb", "19")]
    [InlineData("PUT", "studies")]
    [InlineData("TRACE", "studies")]
    [InlineData("DELETE", "studies")]
    [InlineData("PUT", "studies/1.2.3")]
    [InlineData("PATCH", "studies/1.2.3/series/1.2/instances/1.3")]
    [InlineData("POST", "studies/1.2.3/series/1.2/instances/1.3/frames/1")]
    [InlineData("DELETE", "studies/1.2.3/metadata")]
    public async Task Method_ThatAResourceHasNot_Is405WithAllow(string method, string path)
    {
        Assert.SkipWhen(Stack.IsBalanced && method == "TRACE", "nginx refuses TRACE itself.");
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.SendAsync(method, path, ("X-HTTP-Method-Override", "GET"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.NotEmpty(response.Content.Headers.Allow);
    }

    private static async Task<TcpClient> ConnectAsync(WireServer server, int length)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(server.Server.Address.Host, server.Server.Address.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\nContent-Type: {WireServer.StowType}\r\nContent-Length: {length}\r\n\r\n"));
        return socket;
    }

    internal static async Task<string> RawAsync(WireServer server, string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Server.Address.Host, server.Server.Address.Port);
        await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        var answer = new byte[12];
        var read = await socket.GetStream().ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        return Encoding.ASCII.GetString(answer, 0, read);
    }

    private sealed class Arrival : IStartupFilter
    {
        private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Arrived => _arrived.Task;

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, go) =>
            {
                _arrived.TrySetResult();
                return go(context);
            });
            next(app);
        };
    }
}
