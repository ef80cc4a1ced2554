using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VnaCloud.TestKit;

/// <summary>Debian's Orthanc as a peer: AE title ORTHANC, free ports of loopback, a folder that goes with it.</summary>
public sealed class OrthancServer : IDisposable
{
    private const string Program = "/usr/sbin/Orthanc";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Folder _folder;

    private OrthancServer(Process process, Folder folder, int httpPort, int port)
    {
        (_process, _folder, Port) = (process, folder, port);
        Rest = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}/"), Timeout = Patience };
    }

    public const string AeTitle = "ORTHANC";

    public const string Missing = "Orthanc, or a C compiler for its loopback shim, is not installed";

    public static bool Exists { get; } = File.Exists(Program) && File.Exists("/usr/bin/cc");

    /// <summary>Of DIMSE.</summary>
    public int Port { get; }

    /// <summary>Its REST API.</summary>
    public HttpClient Rest { get; }

    /// <summary>Where Debian's orthanc-dicomweb puts the plugin.</summary>
    private const string DicomWebPlugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";

    public const string DicomWebMissing = "orthanc-dicomweb is not installed";

    public static bool HasDicomWeb { get; } = File.Exists(DicomWebPlugin);

    /// <summary>Its DICOMweb service, where it was started with it.</summary>
    public Uri DicomWeb => new(Rest.BaseAddress!, "dicom-web");

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="dicomWeb">With its DICOMweb plugin.</param>
    public static async Task<OrthancServer> StartAsync(bool dicomWeb = false)
    {
        var folder = new Folder();
        var (httpPort, port) = (FreePorts.Take(), FreePorts.Take());
        // It has no setting for the address that it binds.
        var shim = Path.Combine(folder.Path, "loopback.so");
        var built = await Tool.RunAsync("/usr/bin/cc", ["-shared", "-fPIC", "-o", shim, Path.Combine(Corpus.Repository, "bench", "load", "servers", "loopback.c"), "-ldl"]);
        if (built is not { ExitCode: 0 })
        {
            throw new InvalidOperationException($"The loopback shim was not built: {built?.Errors}");
        }
        var settings = folder.File("orthanc.json", JsonSerializer.SerializeToUtf8Bytes(new
        {
            StorageDirectory = folder.Path, IndexDirectory = folder.Path, HttpPort = httpPort, RemoteAccessAllowed = false, AuthenticationEnabled = false,
            DicomServerEnabled = true, DicomAet = AeTitle, DicomPort = port, DicomAlwaysAllowStore = true, UnknownSopClassAccepted = true,
            Plugins = dicomWeb ? [DicomWebPlugin] : Array.Empty<string>(), DicomWeb = new { Enable = dicomWeb, Root = "/dicom-web/" },
        }));
        var process = Process.Start(new ProcessStartInfo(Program, [settings])
        {
            WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TCP_NODELAY"] = "1", ["LD_PRELOAD"] = shim },
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new OrthancServer(process, folder, httpPort, port);
        try
        {
            await server.UntilReadyAsync();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Makes an application entity known to it by a name.</summary>
    public Task AddModalityAsync(string name, string aeTitle, int port) =>
        SendAsync(HttpMethod.Put, $"modalities/{name}", new JsonArray(aeTitle, "127.0.0.1", port));

    /// <summary>Gives it a file; its own name for the instance.</summary>
    public async Task<string> UploadAsync(byte[] file)
    {
        using var content = new ByteArrayContent(file);
        using var answer = await Rest.PostAsync(new Uri("instances", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
        return (string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["ID"]!;
    }

    /// <summary>A POST, answered in JSON.</summary>
    public Task<JsonNode> PostAsync(string path, JsonNode body) => SendAsync(HttpMethod.Post, path, body);

    /// <summary>A GET, answered in JSON.</summary>
    public async Task<JsonNode> GetAsync(string path) => (await Rest.GetFromJsonAsync<JsonNode>(path))!;

    /// <summary>Every file that it has.</summary>
    public async Task<IReadOnlyList<byte[]>> FilesAsync()
    {
        var files = new List<byte[]>();
        foreach (var instance in (await GetAsync("instances")).AsArray())
        {
            files.Add(await Rest.GetByteArrayAsync(new Uri($"instances/{instance}/file", UriKind.Relative)));
        }
        return files;
    }

    public void Dispose()
    {
        Rest.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = new StringContent(body.ToJsonString()) };
        using var answer = await Rest.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? (text.Length == 0 ? null : JsonNode.Parse(text)) ?? new JsonObject()
            : throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {text}");
    }

    private async Task UntilReadyAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await Rest.GetAsync(new Uri("system", UriKind.Relative));
                answer.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(50);
            }
        }
    }
}
