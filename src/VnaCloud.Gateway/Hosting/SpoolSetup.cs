using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Spool;
using VnaCloud.Imaging;

namespace VnaCloud.Gateway.Hosting;

internal static class SpoolSetup
{
    /// <summary>Opens the spool: before anything is received, and so that a folder that cannot be used keeps the gateway from starting.</summary>
    public static void AddSpool(this IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton(new ForwardRules(options.Rules));
        services.AddSingleton(provider => Open(options, provider));
        services.AddHealthChecks().AddCheck<SpoolHealth>("spool");
    }

    public static void AddForwarding(this IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton<IReadOnlyList<ArchiveOptions>>(options.AllDestinations);
        services.AddSingleton(options.Bandwidth);
        services.AddSingleton<Bandwidth>();
        services.AddSingleton(provider => new CodecPool(
            new CodecOptions { Program = options.Codecs.Program ?? Path.Combine(AppContext.BaseDirectory, "vna-codec") }, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Compressor>();
        services.AddSingleton<ForwardingService>();
        services.AddHostedService(provider => provider.GetRequiredService<ForwardingService>());
    }

    private static ObjectSpool Open(GatewayOptions options, IServiceProvider provider)
    {
        try
        {
            return new ObjectSpool(
                options.Spool,
                provider.GetRequiredService<ForwardRules>().Of,
                options.AllDestinations.ToDictionary(archive => archive.Name, archive => archive.Batches, StringComparer.Ordinal),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ObjectSpool>>());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException([$"The spool {Path.GetFullPath(options.Spool.Path)} cannot be used: {failure.Message} Stop the process that has it, or set Gateway:Spool:Path to a folder that this user can write."]);
        }
    }
}
