using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VnaCloud.TestKit;

/// <summary>nginx in front of servers, with its defaults (HTTP/1.0 upstream, buffering) but for the body size and the Host header.</summary>
public sealed class Nginx : IAsyncDisposable
{
    public const string Missing = "nginx (Debian's nginx-light) is not installed.";
    private readonly Process _process;
    private readonly string _folder;

    private Nginx(Process process, string folder, Uri baseUrl) => (_process, _folder, BaseUrl) = (process, folder, baseUrl);

    public static bool IsInstalled => File.Exists("/usr/sbin/nginx");

    public Uri BaseUrl { get; }

    /// <summary>Starts it on a free port, before servers that take requests in turn.</summary>
    public static Task<Nginx> StartAsync(params Uri[] servers)
    {
        var port = FreePorts.Take();
        return StartAsync(port, $$"""
            upstream archive { {{string.Concat(servers.Select(server => $"server {server.Host}:{server.Port};"))}} }
            server {
              listen 127.0.0.1:{{port}};
              client_max_body_size 0;
              location / { proxy_pass http://archive; proxy_set_header Host $http_host; }
            }
            """);
    }

    /// <summary>Starts it on a free port, with the server under a path.</summary>
    /// <param name="path">Such as <c>/pacs/</c>.</param>
    /// <param name="server">Which is to believe its X-Forwarded headers.</param>
    public static Task<Nginx> StartUnderAsync(string path, Uri server)
    {
        var port = FreePorts.Take();
        return StartAsync(port, $$"""
            server {
              listen 127.0.0.1:{{port}};
              client_max_body_size 0;
              location {{path}} {
                proxy_pass http://{{server.Host}}:{{server.Port}}/;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header X-Forwarded-Host $http_host;
                proxy_set_header X-Forwarded-Prefix {{path.TrimEnd('/')}};
              }
            }
            """);
    }

    /// <summary>Starts it with upstreams and servers of the caller's.</summary>
    /// <param name="port">One of the ports that it is told to listen on.</param>
    /// <param name="http">What stands in the http block.</param>
    internal static async Task<Nginx> StartAsync(int port, string http)
    {
        var folder = Directory.CreateTempSubdirectory("vnacloud-nginx-").FullName;
        var config = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(config, $$"""
            daemon off;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            user root;
            events { worker_connections 512; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/f; uwsgi_temp_path {{folder}}/u; scgi_temp_path {{folder}}/s;
              {{http}}
            }
            """);
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx", ["-c", config, "-p", folder, "-e", Path.Combine(folder, "error.log")]))!;
        var nginx = new Nginx(process, folder, new Uri($"http://127.0.0.1:{port}/"));
        for (var i = 0; i < 200; i++)
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return nginx;
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(25);
            }
        }
        await nginx.DisposeAsync();
        throw new TimeoutException("nginx did not listen.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
