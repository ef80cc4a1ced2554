using Microsoft.Net.Http.Headers;

namespace VnaCloud.Server.Hosting;

internal static class CorsSetup
{
    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(1);

    /// <summary>Lets pages of the configured origins in; they must see the headers that DICOMweb answers carry.</summary>
    public static void AddVnaCors(this IServiceCollection services, CorsOptions options) =>
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(options.Origins)
            .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Delete)
            .WithHeaders(
                HeaderNames.Authorization, HeaderNames.Accept, HeaderNames.ContentType, HeaderNames.IfNoneMatch, HeaderNames.IfMatch,
                HeaderNames.IfRange, HeaderNames.Range, HeaderNames.CacheControl)
            .WithExposedHeaders(
                HeaderNames.Warning, HeaderNames.ETag, HeaderNames.ContentLocation, HeaderNames.ContentRange, HeaderNames.AcceptRanges,
                HeaderNames.Location, HeaderNames.Link, HeaderNames.RetryAfter, "X-Total-Count", "X-Total-Count-Relation")
            .SetPreflightMaxAge(PreflightAge)));
}
