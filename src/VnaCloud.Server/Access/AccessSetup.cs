using System.Threading.RateLimiting;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Access;

internal static class AccessSetup
{
    /// <summary>Rate limit of routes at which somebody may guess; by the client's address.</summary>
    public const string Guesses = "guesses";

    public static void AddAccess(this IServiceCollection services, AuthOptions options)
    {
        services.AddSingleton(options);
        services.AddCookieProtection(options);
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<Guests>();
        if (options.Mode == AuthMode.Oidc)
        {
            services.AddSingleton(provider => new OidcProvider(options.Oidc, provider.GetRequiredService<TimeProvider>()));
        }
        services.AddSingleton<Visitors>();
        services.AddSingleton<AccessTrail>();
        services.AddHostedService(provider => provider.GetRequiredService<AccessTrail>());
        services.AddSingleton<ReachableIndex>();
        services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(Guesses, context => RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress, _ => new FixedWindowRateLimiterOptions { PermitLimit = options.TriesPerMinute, Window = TimeSpan.FromMinutes(1) }));
            limiter.OnRejected = static async (rejected, _) =>
                await new Problem(StatusCodes.Status429TooManyRequests, "Too many tries from this address; wait a minute.") { RetryAfter = 60 }.ExecuteAsync(rejected.HttpContext);
        });
    }

    private static void AddCookieProtection(this IServiceCollection services, AuthOptions options)
    {
        if (!options.IsOn)
        {
            services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();
            return;
        }
        services.AddDataProtection().SetApplicationName("vnacloud");
        services.AddSingleton<KeyRing>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
            new ConfigureOptions<KeyManagementOptions>(keys => keys.XmlRepository = provider.GetRequiredService<KeyRing>()));
        // It warns that keys lie in the database as they are: so does docs/access.md, once.
        services.AddLogging(static logs => logs.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error));
    }

    /// <summary>Behind routing: a route's rule decides.</summary>
    public static void UseAccess(this IApplicationBuilder app)
    {
        app.UseRateLimiter();
        app.UseMiddleware<AccessGate>();
    }
}
