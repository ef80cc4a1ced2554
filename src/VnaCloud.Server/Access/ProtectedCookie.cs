using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.DataProtection;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Access;

/// <summary>A cookie that only servers of this archive can write or read. Page scripts cannot, and other sites' requests come without it.</summary>
/// <typeparam name="T">What it holds.</typeparam>
internal sealed class ProtectedCookie<T>(string name, SameSiteMode sameSite, JsonTypeInfo<T> type, IDataProtectionProvider protection)
    where T : class
{
    private readonly IDataProtector _protector = protection.CreateProtector(name);

    /// <summary>What it holds; null without one, and for one that is not ours.</summary>
    public T? Read(HttpRequest request)
    {
        if (request.Cookies[name] is not { Length: > 0 } text)
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize(_protector.Unprotect(text), type);
        }
        catch (CryptographicException unread) when (unread.GetBaseException() is IOException)
        {
            throw new ProviderUnavailableException("The keys of cookies cannot be read now.", unread);
        }
        catch (Exception foreign) when (foreign is CryptographicException or JsonException)
        {
            return null;
        }
    }

    public void Write(HttpContext context, T value) => context.Response.Cookies.Append(name, _protector.Protect(JsonSerializer.Serialize(value, type)), Options(context.Request));

    public void Delete(HttpContext context) => context.Response.Cookies.Delete(name, Options(context.Request));

    private CookieOptions Options(HttpRequest request) => new()
    {
        HttpOnly = true,
        // Of what the browser sees: a proxy may end TLS.
        Secure = request.IsHttps || request.HttpContext.RequestServices.GetRequiredService<BaseUrl>().Of(request).StartsWith("https:", StringComparison.OrdinalIgnoreCase),
        SameSite = sameSite,
        Path = request.PathBase.HasValue ? request.PathBase.Value : "/",
    };
}
