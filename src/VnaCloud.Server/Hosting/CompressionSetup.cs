using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Hosting;

internal static class CompressionSetup
{
    /// <summary>
    /// Compresses text. Multipart and DICOM are never touched: their exact length is announced, and pixels do not shrink.
    /// Answers that already have a Content-Encoding are left alone by the middleware.
    /// </summary>
    public static void AddTextCompression(this IServiceCollection services)
    {
        services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes =
            [
                MediaTypeNames.DicomJson, MediaTypeNames.DicomXml, MediaTypeNames.Json, MediaTypeNames.ProblemJson,
                "text/html", "text/css", "text/javascript", "image/svg+xml",
            ];
            options.Providers.Add<GzipCompressionProvider>();
            options.Providers.Add<BrotliCompressionProvider>();
        });
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
    }
}
