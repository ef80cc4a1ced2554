using System.Diagnostics;
using System.Net;
using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Doctor;

public sealed class DoctorTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _codecs;

    public DoctorTests()
    {
        // As the worker does without arguments.
        _codecs = Script("worker", "exit 2");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task HealthyArchive_BesideItsServer_HasNoErrors()
    {
        await ImportAsync();
        await using var server = await ServerProcess.StartAsync(_folder.In("data"));
        await UntilReadyAsync(server.Address);

        var (code, output, _) = await RunAsync("--data", _folder.In("data"), "--url", $"{server.Address}");

        Assert.Equal(0, code);
        Assert.DoesNotContain("error ", output, StringComparison.Ordinal);
        Assert.Contains("ok       index        1 studies, 1 series, 2 instances in 1 packs", output, StringComparison.Ordinal);
        Assert.Contains("The index has what the store has", output, StringComparison.Ordinal);
        Assert.Contains("is ready", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.In("data", "objects"), "probe*"));
    }

    [Fact]
    public async Task DamagedInstance_IsAnErrorThatSaysWhatToDo()
    {
        await ImportAsync();
        var pack = Directory.GetFiles(_folder.In("data", "objects"), "*.tar", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(pack);
        bytes[4000] ^= 1;
        await File.WriteAllBytesAsync(pack, bytes);
        await Vna.RunAsync("scrub", "--data", _folder.In("data"), "--all");

        var (code, output, _) = await RunAsync("--data", _folder.In("data"));

        Assert.Equal(1, code);
        Assert.Contains("1 instances have damaged or missing bytes.", output, StringComparison.Ordinal);
        Assert.Contains("-> Run 'vna verify'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IndexThatWasLost_IsAnErrorThatNamesTheCommand()
    {
        await ImportAsync();
        foreach (var file in Directory.GetFiles(_folder.In("data"), "index.db*"))
        {
            File.Delete(file);
        }

        var (code, output, _) = await RunAsync("--data", _folder.In("data"));

        Assert.Equal(1, code);
        Assert.Contains("error    index", output, StringComparison.Ordinal);
        Assert.Contains("vna reindex", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoArchiveYet_IsNoError_UnlessNoneCanBeMade()
    {
        var (code, output, _) = await RunAsync("--data", _folder.In("data"));
        Assert.Equal(0, code);
        Assert.Contains("the server makes one when it first starts", output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(_folder.In("file"), "");
        (code, output, _) = await RunAsync("--data", _folder.In("file", "data"));
        Assert.Equal(1, code);
        Assert.Contains("none can be made", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'error while loading shared libraries: libopenjph.so' >&2; exit 127", "error    codecs", "libopenjph.so")]
    [InlineData(null, "warning  codecs", "There is no codec worker")]
    public async Task CodecWorker_ThatDoesNotStart_IsNamed(string? script, string line, string why)
    {
        var worker = script is null ? _folder.In("nowhere") : Script("broken", script);

        var (code, output, _) = await Vna.RunAsync("doctor", "--data", _folder.In("data"), "--codecs", worker);

        Assert.Equal(script is null ? 0 : 1, code);
        Assert.Contains(line, output, StringComparison.Ordinal);
        Assert.Contains(why, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Vna:Storage:Provider=Tape", "error    settings")]
    [InlineData("--url=http://127.0.0.1:1", "does not answer")]
    [InlineData("--url=ftp://a", "is no http or https URL")]
    public async Task Mistakes_AreFindings(string argument, string found)
    {
        var (code, output, _) = await RunAsync(argument);

        Assert.Equal(1, code);
        Assert.Contains(found, output, StringComparison.Ordinal);
        Assert.Contains("-> ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_ThatIsNotReady_SaysWhatItSays()
    {
        await using var service = new ScriptedService(exchange => exchange.AnswerAsync(503, """{"status":"Unhealthy"}""", "application/json"));

        var (code, output, _) = await RunAsync("--data", _folder.In("data"), "--url", $"{service.Url}");

        Assert.Equal(1, code);
        Assert.Contains("""is not ready (503): {"status":"Unhealthy"}""", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_ThatForgetsWithPower_IsAnError_AndOneThatIsAway()
    {
        await using var database = await PostgresServer.StartAsync(replicas: 0, durable: false);
        Assert.SkipWhen(database is null, PostgresServer.Missing);
        var connection = await database.CreateDatabaseAsync();
        await ImportAsync();
        await Vna.OkAsync("migrate-schema", "--index", connection);
        await Vna.OkAsync("reindex", "--data", _folder.In("data"), "--index", connection);

        var (code, output, _) = await RunAsync("--data", _folder.In("data"), "--index", connection);

        Assert.Equal(1, code);
        Assert.Contains("error    database     fsync or full_page_writes is off", output, StringComparison.Ordinal);
        Assert.Contains("ok       database     It is the primary", output, StringComparison.Ordinal);
        Assert.Contains("ok       database     A round trip takes", output, StringComparison.Ordinal);
        Assert.Contains("ok       index        1 studies", output, StringComparison.Ordinal);
        Assert.Equal(1, output.Split("error ").Length - 1);

        (code, output, _) = await RunAsync("--data", _folder.In("data"), "--index", "Host=127.0.0.1;Port=1;Username=u;Database=d");
        Assert.Equal(1, code);
        Assert.Contains("PostgreSQL cannot be used", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_ByWebIdentity_AreAskedForWithTheToken()
    {
        var asked = new TaskCompletionSource<string>();
        await using var issuer = new ScriptedService(async exchange =>
        {
            asked.TrySetResult(System.Text.Encoding.UTF8.GetString(await exchange.BodyAsync()));
            await exchange.AnswerAsync(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>No.</Message></Error></ErrorResponse>", "text/xml");
        });
        await File.WriteAllTextAsync(_folder.In("token"), "a.signed.token");
        var start = new ProcessStartInfo("dotnet", [Vna.Assembly, "doctor", "--codecs", _codecs, "--Vna:Storage:Provider=S3", "--Vna:Storage:S3:Endpoint=http://127.0.0.1:1", "--Vna:Storage:S3:Bucket=bucket"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _folder.Path,
            Environment =
            {
                ["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/vna", ["AWS_WEB_IDENTITY_TOKEN_FILE"] = _folder.In("token"), ["AWS_ROLE_SESSION_NAME"] = "vna",
                ["AWS_ENDPOINT_URL_STS"] = issuer.Url.GetLeftPart(UriPartial.Authority), ["AWS_EC2_METADATA_DISABLED"] = "true",
            },
        };
        using var doctor = Process.Start(start)!;
        _ = doctor.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            var body = await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Contains("Action=AssumeRoleWithWebIdentity", body, StringComparison.Ordinal);
            Assert.Contains("a.signed.token", body, StringComparison.Ordinal);
        }
        finally
        {
            doctor.Kill();
        }
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] args) => Vna.RunAsync(["doctor", "--codecs", _codecs, .. args]);

    private async Task ImportAsync()
    {
        Directory.CreateDirectory(_folder.In("in"));
        foreach (var number in new[] { 1, 2 })
        {
            await File.WriteAllBytesAsync(_folder.In("in", $"{number}.dcm"), Instances.Ct("1.2.3", "1.2.3.1", $"1.2.3.1.{number}", number));
        }
        await Vna.OkAsync("import", _folder.In("in"), "--data", _folder.In("data"));
    }

    private static async Task UntilReadyAsync(Uri server)
    {
        using var http = new HttpClient();
        for (var i = 0; i < 600; i++)
        {
            using var answer = await http.GetAsync(new Uri(server, "health/ready"));
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }
            await Task.Delay(100);
        }
        Assert.Fail("The server of an imported archive is not ready.");
    }

    private string Script(string name, string line)
    {
        var path = _folder.In(name);
        File.WriteAllText(path, $"#!/bin/sh\n{line}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        return path;
    }
}
