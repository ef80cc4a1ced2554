using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>What keeps the server from starting, each in one sentence; and the process itself.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("--Vna:Index:Provider=Postgres", "Vna:Index:Provider=Postgres needs Vna:Index:ConnectionString")]
    [InlineData("--Vna:Index:Provider=7", "Vna:Index:Provider cannot be what it is set to; set it to Sqlite or Postgres.")]
    [InlineData("--Vna:Storage:Provider=s3", "Vna:Storage:S3:Bucket must name a bucket")]
    [InlineData("--Vna:Storage:Path=", "Vna:Storage:Path cannot be what it is set to; set it to a value that is not empty.")]
    [InlineData("--Vna:Auth:Mode=ApiKey", "Vna:Auth:Mode=ApiKey needs a key: make one with 'vna key NAME RIGHTS'")]
    [InlineData("--Vna:Metadata:InlineLimit=63", "Vna:Metadata:InlineLimit cannot be what it is set to; set it to a number from 64 to 1048576.")]
    [InlineData("--Vna:Limits:MaxPartsPerRequest=many", "Vna:Limits:MaxPartsPerRequest cannot be what it is set to; set it to a number from 1 to 1000000.")]
    [InlineData("--Vna:Qido:EmptyResult=404", "Vna:Qido:EmptyResult cannot be what it is set to; set it to 200 or 204.")]
    [InlineData("--Vna:Storage:Paht=x", "Vna:Storage:Paht is not a setting; the nearest one is Vna:Storage:Path.")]
    [InlineData("--Vna:Stroage:Path=x", "Vna:Stroage is not a setting; the nearest one is Vna:Storage.")]
    [InlineData("--Vna:Qido:Unheardof=x", "Vna:Qido:Unheardof is not a setting; remove it, or use one of Vna:Qido:EmptyResult.")]
    [InlineData("--Vna:Storage=x", "Vna:Storage is a group of settings")]
    [InlineData("--Vna:Cors:Origins=https://x", "Vna:Cors:Origins is a list; write Vna:Cors:Origins:0=value")]
    [InlineData("--Vna:Cors:Origins:0=*", "Vna:Cors:Origins:0 must be scheme://host")]
    [InlineData("--Vna:Cors:Origins:0=https://x/", "Vna:Cors:Origins:0 must be scheme://host")]
    [InlineData("--Vna:PublicBaseUrl=pacs.example", "Vna:PublicBaseUrl must be an absolute http or https URL")]
    [InlineData("--Vna:Hosts:0=http://vna", "Vna:Hosts:0 must be a host name or an address")]
    [InlineData("--Vna:Hosts:0=*.example", "Vna:Hosts:0 must be a host name or an address")]
    [InlineData("--Vna:ForwardedHeaders:KnownProxies:0=proxy", "Vna:ForwardedHeaders:KnownProxies:0 must be an IP address or a network")]
    [InlineData("--Vna:Limits:QidoDefaultLimit=6000", "Vna:Limits:QidoDefaultLimit must not be greater than Vna:Limits:QidoMaxResults.")]
    [InlineData("--urls=http://0.0.0.0:0", "Without authentication the archive would be open to everyone who reaches http://0.0.0.0:0;")]
    [InlineData("--urls=http://*:0", "Without authentication")]
    [InlineData("--urls=http://127.0.0.1:0;http://192.0.2.1:0", "who reaches http://192.0.2.1:0;")]
    [InlineData("--http_ports=8099", "who reaches http://*:8099;")]
    [InlineData("--Kestrel:Endpoints:A:Url=http://[::]:8099", "who reaches http://[::]:8099;")]
    public async Task Start_ImpossibleSetting_IsRefusedWithOneSentence(string argument, string sentence)
    {
        var (exitCode, errors) = await RunAsync(argument);
        Assert.Equal(1, exitCode);
        Assert.Contains(sentence, Assert.Single(errors));
        Assert.EndsWith(".", errors[0]);
    }

    [Fact]
    public async Task Start_SeveralMistakes_NamesAll()
    {
        var (exitCode, errors) = await RunAsync("--Vna:Metadata:InlineLimit=1", "--Vna:Foo=1", "--Vna:Auth:Mode=Basic", "--Vna:Limits:MaxParts=1");
        Assert.Equal((1, 4), (exitCode, errors.Length));
    }

    [Fact]
    public async Task Start_PortInUse_IsOneSentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var (exitCode, errors) = await RunAsync("--urls", $"http://{taken.LocalEndpoint}");
        Assert.Equal(1, exitCode);
        Assert.Contains("address already in use. Stop the other program, or choose another port with --urls", Assert.Single(errors));
    }

    [Fact]
    public async Task Start_AddressOfAnotherMachine_IsOneSentence()
    {
        var (exitCode, errors) = await RunAsync("--urls", "http://192.0.2.1:8099", "--Vna:Auth:Mode=None");
        Assert.Equal(1, exitCode);
        Assert.Equal("This machine does not have the address to listen on; correct --urls.", Assert.Single(errors));
    }

    [Fact]
    public async Task Build_OnlyByArguments_KnowsNothingOfEnvironmentAndFiles()
    {
        // As the rehearsal is built: what the environment names is the real archive.
        await using var app = VnaServer.Build(["--Vna:Storage:Path=/tmp/rehearsed", "--urls=http://127.0.0.1:0"], onlyArguments: true);
        await using var usual = VnaServer.Build(["--urls=http://127.0.0.1:0"]);

        Assert.Equal("/tmp/rehearsed", app.Configuration["Vna:Storage:Path"]);
        Assert.Null(app.Configuration["PATH"]);
        Assert.NotNull(usual.Configuration["PATH"]);
    }

    [Fact]
    public async Task Build_WithoutAddress_ListensOnLoopback8080()
    {
        await using var app = VnaServer.Build([]);
        Assert.Equal("http://127.0.0.1:8080", app.Configuration["urls"]);
        await using var other = VnaServer.Build(["--urls", "http://localhost:8123"]);
        Assert.Equal("http://localhost:8123", other.Configuration["urls"]);
    }

    [Fact]
    public async Task Build_WithSettings_BindsThem()
    {
        await using var app = VnaServer.Build(
            ["--vna:storage:path=/x", "--Vna:Limits:MaxInstanceBytes=2097152", "--Vna:Cors:Origins:0=https://a.example:8443", "--Vna:Preamble=kept"]);
        var options = app.Services.GetRequiredService<VnaOptions>();
        Assert.Equal("/x", options.Storage.Path);
        Assert.Equal(2097152, options.Limits.MaxInstanceBytes);
        Assert.Equal(["https://a.example:8443"], options.Cors.Origins);
        Assert.Equal(PreamblePolicy.Kept, options.Preamble);
    }

    [Fact]
    public async Task Process_RefusedSetting_ExitsWithOneAndNoStackTrace()
    {
        using var process = StartProcess("--Vna:Storage:Paht=x");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1, process.ExitCode);
        Assert.Equal("Vna:Storage:Paht is not a setting; the nearest one is Vna:Storage:Path.\n", await errors);
        Assert.Equal("", await output);
    }

    [Fact]
    public async Task Process_PortInUse_SaysOnlyThat()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var process = StartProcess("--urls", $"http://{taken.LocalEndpoint}");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1, process.ExitCode);
        Assert.Single((await errors).Trim().Split('\n'));
        Assert.DoesNotContain("Exception", await output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_Sigterm_EndsWithZero()
    {
        using var process = StartProcess("--urls", "http://127.0.0.1:0");
        // One of the first lines says where it listens, as JSON.
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
        while (line?.Contains("\"Message\":\"Now listening on: http://127.0.0.1:", StringComparison.Ordinal) == false);
        Assert.NotNull(line);
        var rest = process.StandardOutput.ReadToEndAsync();
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, process.ExitCode);
        Assert.DoesNotContain("Exception", await rest, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string[] Errors)> RunAsync(params string[] args)
    {
        using var errors = new StringWriter();
        var folder = Path.Combine(Path.GetTempPath(), $"vnacloud-start-{Guid.NewGuid():N}");
        var exitCode = await ServerProcess.RunAsync(() => VnaServer.Build(["--Vna:Storage:Path", folder, "--Vna:Rehearsal", "false", .. args]), errors).WaitAsync(TimeSpan.FromSeconds(60));
        return (exitCode, errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private static Process StartProcess(params string[] args) =>
        Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "vnacloud-server"), [.. args, "--Vna:Storage:Path", Path.Combine(Path.GetTempPath(), $"vnacloud-start-{Guid.NewGuid():N}")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
