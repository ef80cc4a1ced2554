namespace VnaCloud.Server.Hosting;

/// <summary>Says something once, when the server starts.</summary>
internal static class StartNotice
{
    /// <param name="services">Of the server.</param>
    /// <param name="say">What to say, if anything.</param>
    public static void AddStartNotice(this IServiceCollection services, Action<IServiceProvider> say) =>
        services.AddSingleton<IHostedService>(provider => new Said(() => say(provider)));

    private sealed class Said(Action say) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            say();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
