using Microsoft.Win32.SafeHandles;
using VnaCloud.Bench.Bare;

// What Kestrel alone does on this machine with the same bytes: the ceiling that the archive's figures are read against.
//   --Bare:Upload=DIR   folder for uploads (emptied by the load client between runs)
//   --Bare:Files=DIR    DICOM files to read ranges of, numbered in the order of their names
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
var upload = Directory.CreateDirectory(builder.Configuration["Bare:Upload"] ?? "bare-upload").FullName;
SafeFileHandle[] files =
[
    .. Directory.EnumerateFiles(builder.Configuration["Bare:Files"] ?? ".", "*.dcm", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(path => File.OpenHandle(path)),
];

var app = builder.Build();
app.MapGet("/health/ready", () => Results.Ok());
app.MapPost("/upload", (HttpRequest request, CancellationToken cancellation) => Upload.StoreAsync(request.Body, upload, cancellation));
app.MapGet("/range/{file:int}", (int file, long offset, int length, HttpContext context) =>
    RangeRead.SendAsync(files[file % files.Length], offset, length, context));
await app.RunAsync();
