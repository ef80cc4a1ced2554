using System.Net.Http.Headers;
using System.Text;
using VnaCloud.TestKit;

namespace VnaCloud.DicomWeb.Tests;

/// <summary>The client against services that fail, lie, stop half-way or never end.</summary>
public sealed class HostileServiceTests
{
    private static readonly RetryPolicy Quick = new() { Attempts = 3, FirstPause = TimeSpan.FromMilliseconds(1) };

    [Theory]
    [InlineData(400, WebFault.Rejected)]
    [InlineData(301, WebFault.Rejected)]
    [InlineData(401, WebFault.Unauthorized)]
    [InlineData(403, WebFault.Forbidden)]
    [InlineData(409, WebFault.Conflict)]
    [InlineData(413, WebFault.TooLarge)]
    [InlineData(415, WebFault.MediaType)]
    [InlineData(429, WebFault.TooManyRequests)]
    [InlineData(500, WebFault.ServerError)]
    [InlineData(503, WebFault.Unavailable)]
    [InlineData(200, WebFault.Malformed)]
    [InlineData(202, WebFault.Malformed)]
    public async Task Store_AnsweredWithAStatusAlone_IsThatFault_AndNotRepeated(int status, WebFault fault)
    {
        await using var service = new ScriptedService(async exchange =>
        {
            await exchange.BodyAsync();
            await exchange.AnswerAsync(status, "", "text/plain", "Retry-After: 7", "Location: /elsewhere");
        });
        using var client = Client(service);
        var error = (await client.StoreAsync([Outgoing("1.2")], [], default)).Error!;
        Assert.Equal(fault, error.Fault);
        Assert.Equal(1, service.Requests);
        Assert.Equal(fault is WebFault.Malformed ? null : TimeSpan.FromSeconds(7), error.RetryAfter ?? (fault == WebFault.Conflict ? TimeSpan.FromSeconds(7) : null));
    }

    [Fact]
    public async Task Store_RefusedBeforeItsBody_DoesNotSendIt()
    {
        await using var service = new ScriptedService(exchange => exchange.AnswerAsync(503, "", "text/plain", "Connection: close"));
        using var client = Client(service);
        var opened = 0;
        var large = new OutgoingInstance("1.2", 50_000_000, _ =>
        {
            opened++;
            return ValueTask.FromResult<Stream>(new MemoryStream(new byte[50_000_000]));
        });
        Assert.Equal(WebFault.Unavailable, (await client.StoreAsync([large], [], default)).Error!.Fault);
        Assert.Equal(0, opened);
    }

    [Fact]
    public async Task Store_OfASourceThatIsShorterThanItSays_BlamesTheSource()
    {
        await using var service = new ScriptedService(async exchange => await exchange.BodyAsync());
        using var client = Client(service);
        var error = (await client.StoreAsync([Outgoing("1.2") with { Length = 5_000 }], [], default)).Error!;
        Assert.Equal(WebFault.Source, error.Fault);
        error = (await client.StoreAsync([Outgoing("1.2") with { Open = _ => throw new FileNotFoundException() }], [], default)).Error!;
        Assert.Equal(WebFault.Source, error.Fault);
    }

    [Theory]
    [InlineData("{\"00081199\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]}}]}}", StoreState.Stored)]
    [InlineData("[{\"00081199\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]}}]}}]", StoreState.Stored)]
    [InlineData("{\"00081199\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]},\"00081196\":{\"vr\":\"US\",\"Value\":[45056]}}]}}", StoreState.StoredWithWarning)]
    [InlineData("{\"00081199\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"1.2.1\"]}}]}}", StoreState.NotNamed)]
    [InlineData("{\"00081198\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]}}]},\"00081199\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]}}]}}", StoreState.Failed)]
    [InlineData("{}", StoreState.NotNamed)]
    [InlineData("{\"00081199\":{\"vr\":\"SQ\"}}", StoreState.NotNamed)]
    public async Task StoreAnswer_SaysOfEachInstance_NoMoreThanItSays(string json, StoreState state)
    {
        await using var service = new ScriptedService(async exchange =>
        {
            await exchange.BodyAsync();
            await exchange.AnswerAsync(200, json);
        });
        using var client = Client(service);
        Assert.Equal(state, (await client.StoreAsync([Outgoing("1.2")], [], default)).Require().Outcomes.Single().State);
    }

    [Fact]
    public async Task Store_WithoutAnAnswer_EndsByItsSilence()
    {
        await using var service = new ScriptedService(async exchange => await exchange.BodyAsync());
        using var client = Client(service, options => options with { Silence = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(WebFault.Timeout, (await client.StoreAsync([Outgoing("1.2")], [], default)).Error!.Fault);
    }

    [Fact]
    public async Task Store_IntoABlackHole_EndsByItsSilence()
    {
        await using var service = new ScriptedService(exchange => exchange.ReadSomeAsync(1000));
        using var client = Client(service, options => options with { Silence = TimeSpan.FromMilliseconds(500) });
        var large = new OutgoingInstance("1.2", 50_000_000, _ => ValueTask.FromResult<Stream>(new MemoryStream(new byte[50_000_000])));
        Assert.Equal(WebFault.Timeout, (await client.StoreAsync([large], [], default)).Error!.Fault);
    }

    [Fact]
    public async Task Store_CancelledByItsCaller_IsNoFault()
    {
        await using var service = new ScriptedService(async exchange => await exchange.BodyAsync());
        using var client = Client(service);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.StoreAsync([Outgoing("1.2")], [], cancellation.Token));
    }

    [Fact]
    public async Task Read_ThatFailsForAPassingReason_IsRepeated()
    {
        await using var service = new ScriptedService(async exchange =>
        {
            if (exchange.Number == 1)
            {
                exchange.Close();
                return;
            }
            await exchange.AnswerAsync(exchange.Number == 2 ? 503 : 200, "[]");
        });
        using var client = Client(service);
        await foreach (var _ in client.SearchAsync("studies", []))
        {
        }
        Assert.Equal(3, service.Requests);
    }

    [Fact]
    public async Task Search_OfAServiceThatGivesLessThanAskedFor_GoesOnUntilNothingComes()
    {
        await using var service = new ScriptedService(exchange =>
        {
            var offset = int.Parse(exchange.Target.Split("offset=")[1], null);
            return exchange.AnswerAsync(200, offset < 6 ? $"[{Study(offset)},{Study(offset + 1)}]" : "[]");
        });
        using var client = Client(service);
        Assert.Equal(6, await CountAsync(client));
        Assert.Equal(4, service.Requests);
    }

    [Fact]
    public async Task Search_OfAServiceThatIgnoresTheOffset_FailsInsteadOfGoingOnForEver()
    {
        await using var service = new ScriptedService(exchange => exchange.AnswerAsync(200, $"[{Study(1)}]"));
        using var client = Client(service);
        Assert.Equal(WebFault.Malformed, (await Assert.ThrowsAsync<DicomWebException>(() => CountAsync(client))).Error.Fault);
    }

    [Fact]
    public async Task Search_WhoseNextLinkLeadsElsewhere_StaysWithItsService()
    {
        await using var elsewhere = new ScriptedService(exchange => exchange.AnswerAsync(200, "[]"));
        await using var service = new ScriptedService(exchange => exchange.Number == 1
            ? exchange.AnswerAsync(200, $"[{Study(1)}]", "application/dicom+json", $"Link: <{elsewhere.Url}/studies?cursor=7>; rel=\"next\"")
            : exchange.AnswerAsync(exchange.Target.EndsWith("studies?cursor=7", StringComparison.Ordinal) ? 200 : 400, "[]"));
        using var client = Client(service);
        Assert.Equal(1, await CountAsync(client));
        Assert.Equal((0, 2), (elsewhere.Requests, service.Requests));
    }

    [Theory]
    [InlineData("[{\"0020000D\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]}},{\"0020", WebFault.Network)]
    [InlineData("[1]", WebFault.Malformed)]
    [InlineData("[{\"0020000D\":1}]", WebFault.Malformed)]
    [InlineData("{}", WebFault.Malformed)]
    [InlineData("<html>", WebFault.Malformed)]
    public async Task Search_WithAnAnswerThatIsNoneOrCutOff_Fails(string json, WebFault fault)
    {
        await using var service = new ScriptedService(async exchange =>
        {
            var body = Encoding.ASCII.GetBytes(json);
            var longer = fault == WebFault.Network ? 10 : 0;
            await exchange.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/dicom+json\r\nContent-Length: {body.Length + longer}\r\n\r\n"), body);
            exchange.Close();
        });
        using var client = Client(service);
        Assert.Equal(fault, (await Assert.ThrowsAsync<DicomWebException>(() => CountAsync(client))).Error.Fault);
    }

    [Fact]
    public async Task Search_WithAnAnswerThatDoesNotEnd_IsRefusedAtTheLimit()
    {
        await using var service = new ScriptedService(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/dicom+json\r\n\r\n[\""u8.ToArray());
            while (true)
            {
                await exchange.SendAsync(Encoding.ASCII.GetBytes(new string('x', 10_000)));
            }
        });
        using var client = Client(service, options => options with { JsonBytes = 100_000 });
        Assert.Equal(WebFault.Malformed, (await Assert.ThrowsAsync<DicomWebException>(() => CountAsync(client))).Error.Fault);
    }

    [Theory]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=b", "--b\r\n\r\nabc", WebFault.Network)]
    [InlineData("multipart/related; type=\"application/dicom\"", "--b\r\n\r\nabc\r\n--b--", WebFault.Malformed)]
    [InlineData("multipart/related; boundary=\"\"", "--b\r\n\r\nabc\r\n--b--", WebFault.Malformed)]
    public async Task Retrieve_OfAnAnswerThatIsCutOffOrHasNoBoundary_Fails(string type, string body, WebFault fault)
    {
        await using var service = new ScriptedService(async exchange =>
        {
            await exchange.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nConnection: close\r\n\r\n{body}"));
            exchange.Close();
        });
        using var client = Client(service);
        var result = await client.RetrieveAsync(new DicomPath("1.2"));
        var error = result.Error ?? (await Assert.ThrowsAsync<DicomWebException>(async () =>
        {
            await using var parts = result.Value!;
            while (await parts.ReadAsync(default) is { } part)
            {
                await part.Content.CopyToAsync(Stream.Null);
            }
        })).Error;
        Assert.Equal(fault, error.Fault);
    }

    [Fact]
    public async Task Credentials_ThatExpired_AreRenewedOnce_AndTheStoreIsSentAgain()
    {
        await using var service = new ScriptedService(async exchange =>
        {
            await exchange.BodyAsync();
            await exchange.AnswerAsync(exchange.Headers["Authorization"] == "Bearer new" ? 200 : 401, exchange.Headers["Authorization"] == "Bearer new" ? "{}" : "");
        });
        var token = "old";
        var renewals = 0;
        using var client = Client(service, options => options with
        {
            Authorization = (renew, _) =>
            {
                if (renew)
                {
                    Interlocked.Increment(ref renewals);
                    token = "new";
                }
                return ValueTask.FromResult<AuthenticationHeaderValue?>(new("Bearer", token));
            },
        });
        Assert.True((await client.StoreAsync([Outgoing("1.2")], [], default)).IsSuccess);
        Assert.True((await client.StoreAsync([Outgoing("1.2")], [], default)).IsSuccess);
        Assert.Equal((1, 3), (renewals, service.Requests));
    }

    [Fact]
    public async Task Connections_AreNoMoreThanAllowed()
    {
        await using var service = new ScriptedService(async exchange =>
        {
            await exchange.BodyAsync();
            await exchange.AnswerAsync(200, "{}");
        });
        using var client = Client(service, options => options with { MaxConnections = 3 });
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => client.StoreAsync([Outgoing($"1.{i}")], [], default)));
        Assert.InRange(service.Connections, 1, 3);
        Assert.Empty(service.Failures);
    }

    [Fact]
    public async Task Service_ThatDoesNotListen_IsANetworkFault()
    {
        var service = new ScriptedService(_ => Task.CompletedTask);
        var url = service.Url;
        await service.DisposeAsync();
        using var client = new DicomWebClient(new DicomWebOptions { ServiceUrl = url, Retry = Quick });
        Assert.Equal(WebFault.Network, (await client.StoreAsync([Outgoing("1.2")], [], default)).Error!.Fault);
    }

    private static string Study(int number) => $"{{\"0020000D\":{{\"vr\":\"UI\",\"Value\":[\"1.2.{number}\"]}}}}";

    private static async Task<int> CountAsync(DicomWebClient client)
    {
        var count = 0;
        await foreach (var _ in client.SearchAsync("studies", []))
        {
            count++;
        }
        return count;
    }

    private static OutgoingInstance Outgoing(string sop) => new(sop, 1000, _ => ValueTask.FromResult<Stream>(new MemoryStream(new byte[1000])));

    private static DicomWebClient Client(ScriptedService service, Func<DicomWebOptions, DicomWebOptions>? change = null)
    {
        var options = new DicomWebOptions { ServiceUrl = service.Url, Retry = Quick };
        return new DicomWebClient(change?.Invoke(options) ?? options);
    }
}
