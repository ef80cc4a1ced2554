using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Hosting;

internal static class CompressionSetup
{
    /// <summary>
    /// Compresses text. Multipart and DICOM are never touched: their exact length is announced, and pixels do not shrink.
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

    /// <summary>
    /// Not around answers that are stored bytes: the middleware's stream would copy a series' metadata once more, in pieces of 4 KiB.
    /// </summary>
    public static void UseTextCompression(this IApplicationBuilder app) =>
        app.UseWhen(static context => context.GetEndpoint()?.Metadata.GetMetadata<StoredBytes>() is null, static branch => branch.UseResponseCompression());
}

/// <summary>Marks endpoints that answer with stored bytes and see to their encoding themselves.</summary>
internal sealed class StoredBytes
{
    public static StoredBytes Instance { get; } = new();
}
