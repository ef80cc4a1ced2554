using System.ComponentModel.DataAnnotations;
using VnaCloud.Imaging;

namespace VnaCloud.Server.Hosting;

/// <summary>Settings <c>Vna:Codecs</c>: the processes that decode and encode pixels.</summary>
internal sealed class CodecSettings
{
    /// <summary>The worker program. Default: vna-codec beside the server.</summary>
    public string? Program { get; init; }

    /// <summary>Workers at most; each takes one frame at a time. Default: one for each processor.</summary>
    [Range(1, 256)]
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Address space of a worker in MiB. Default 2048.</summary>
    [Range(256, 65_536)]
    public int MemoryMiB { get; init; } = 2048;

    /// <summary>Seconds that a frame may take. Default 60.</summary>
    [Range(1, 3_600)]
    public int TimeoutSeconds { get; init; } = 60;

    /// <summary>Size of a decoded frame in MiB. Default 512.</summary>
    [Range(16, 2_047)]
    public int MaxFrameMiB { get; init; } = 512;

    /// <summary>Decodes every frame that was encoded, and compares, before it is sent. Default false.</summary>
    public bool Verify { get; init; }
}

/// <summary>The codec workers of this server.</summary>
internal static partial class CodecSetup
{
    public static void AddCodecs(this IServiceCollection services, CodecSettings settings)
    {
        services.AddSingleton(provider =>
        {
            var logger = provider.GetRequiredService<ILogger<CodecPool>>();
            var pool = new CodecPool(Options(settings), provider.GetRequiredService<TimeProvider>());
            pool.WorkerLost += (codec, reason) => Log.WorkerLost(logger, codec, reason);
            return pool;
        });
        services.AddSingleton<FrameDecoder>();
        services.AddSingleton(provider => new FrameEncoder(provider.GetRequiredService<CodecPool>(), settings.Verify));
        services.AddSingleton<PictureEncoder>();
        // Everything else works without.
        services.AddStartNotice(static provider =>
        {
            if (provider.GetRequiredService<CodecPool>().WhyNot is { } why)
            {
                Log.NoWorkers(provider.GetRequiredService<ILogger<CodecPool>>(), why);
            }
        });
    }

    private static CodecOptions Options(CodecSettings settings) => new()
    {
        Program = settings.Program ?? Path.Combine(AppContext.BaseDirectory, "vna-codec"),
        Workers = settings.Workers,
        MemoryMiB = settings.MemoryMiB,
        Timeout = TimeSpan.FromSeconds(settings.TimeoutSeconds),
        MaxFrameBytes = settings.MaxFrameMiB * 1024 * 1024,
    };

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "A codec worker for {Codec} {Reason}; it is replaced.")]
        public static partial void WorkerLost(ILogger logger, string codec, string reason);

        [LoggerMessage(3002, LogLevel.Warning, "JPEG-LS, JPEG 2000 and HTJ2K cannot be decoded, and JPEG pictures not be made. {Why}")]
        public static partial void NoWorkers(ILogger logger, string why);
    }
}
