using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Http;

/// <summary>
/// The base of absolute URLs in answers, without a slash at its end. From configuration, else from the request, whose scheme,
/// host and path base are those of allow-listed proxies (<see cref="ForwardedHeaderSetup"/>) and past the <see cref="HostGuard"/>.
/// </summary>
internal sealed class BaseUrl(VnaOptions options)
{
    private readonly string? _configured = options.PublicBaseUrl?.TrimEnd('/');
    private readonly string? _path = options.PublicBaseUrl is { } url && Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed.AbsolutePath.TrimEnd('/') : null;

    /// <summary>For example <c>https://pacs.example/vna</c>; <c>/dicom-web</c> comes after it.</summary>
    public string Of(HttpRequest request) =>
        _configured ?? $"{request.Scheme}://{request.Host.ToUriComponent()}{request.PathBase.ToUriComponent()}";

    /// <summary>Its path alone, such as <c>/vna</c>, or nothing.</summary>
    public string PathOf(HttpRequest request) => _path ?? request.PathBase.ToUriComponent();
}
